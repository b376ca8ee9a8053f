/* map.h: rules of sales, each with cells and what becomes of them. */
#include <string.h>

#include "map.h"
#include "test.h"

#define CELLS 4

/* A row's cells, parted by |, those of several rows by /: columns a, b, c and d. */
typedef struct rule_case {
  const char *file; /* the map's other keys */
  const char *rule; /* of the field x */
  const char *cells;
  const char *expected; /* JSON; "" nothing; "!" and a message */
} rule_case;

static const rule_case cases[] = {
    /* texts */
    {"", "'a'", "Ann", "'Ann'"},
    {"", "'a'", "", ""},
    {"", "'a'", " Ann ", "' Ann '"},
    {"", "2", "Ann|Bob", "'Bob'"},
    {"", "{'column':'b'}", "Ann|say \"hi\"\n", "'say \\\"hi\\\"\\n'"},
    {"", "{'column':['a','b']}", "Ann|Lee", "'Ann Lee'"},
    {"", "{'column':['a','b','c']}", "Ann||Lee", "'Ann Lee'"},
    {"", "{'column':['a','b','c']}", "||Lee", "'Lee'"},
    {"", "{'column':['a','b']}", "|", ""},
    {"", "{'column':['a','b'],'default':'nobody'}", "|", "'nobody'"},
    {"", "'a'", "\xFF",
     "!'?' has bytes that are no text; say encoding = \"windows-1252\", or what it is in"},
    {"'null':['NULL','-']", "'a'", "NULL", ""},
    {"'null':['NULL','-']", "'a'", "-", ""},
    {"'null':'-'", "'a'", "-", ""},
    {"'null':['NULL']", "'a'", "NULLs", "'NULLs'"},
    {"", "{'column':'a','default':'web'}", "", "'web'"},
    {"", "{'column':'a','default':1.50}", "", "1.50"},
    {"", "{'column':'a','values':{'M':'male','F':'female'}}", "F", "'female'"},
    {"", "{'column':'a','values':{'M':'male','F':'female'}}", "m",
     "!'m' is not one of the texts in values"},
    {"", "{'column':'a','values':{'M':'male'}}", "", ""},
    {"", "{'column':'a','values':{'1':true,'0':false}}", "0", "false"},
    {"", "{'column':'a','values':['one','two']}", "2", "'two'"},
    {"", "{'column':'a','values':['one',null,'three']}", "3", "'three'"},
    {"", "{'column':'a','values':['one',null,'three']}", "2",
     "!'2' is not one of the texts in values"},
    {"", "{'column':'a','values':{'e':1,'d':2,'c':3,'bb':4,'b':5,'a':6}}", "bb", "4"},
    {"'null':['e','ee','d','c','b','a']", "'a'", "ee", ""},
    {"'null':['e','ee','d','c','b','a']", "'a'", "eee", "'eee'"},
    {"", "{'column':['a','b'],'values':{'x y':'z'}}", "x|y", "'z'"},
    {"", "{'constant':'web'}", "", "'web'"},
    {"", "{'constant':12.50}", "", "12.50"},
    {"", "{'constant':false}", "", "false"},
    /* numbers */
    {"", "{'column':'a','number':true}", "12", "12"},
    {"", "{'column':'a','number':true}", ".50", "0.5"},
    {"", "{'column':'a','number':true}", "1.00", "1"},
    {"", "{'column':'a','number':true}", "1e3", "1000"},
    {"", "{'column':'a','number':true}", "1.5E-3", "0.0015"},
    {"", "{'column':'a','number':true}", "1.23458E+12", "1234580000000"},
    {"", "{'column':'a','number':true}", "-0.00", "0"},
    {"", "{'column':'a','number':true}", "-0", "0"},
    {"", "{'column':'a','number':true}", "+5", "5"},
    {"", "{'column':'a','number':true}", "007.10", "7.1"},
    {"", "{'column':'a','number':true}", " \t12.5\xC2\xA0", "12.5"},
    {"", "{'column':'a','number':true}", "  ", ""},
    {"", "{'column':'a','number':true}", "12345678901234567890.12345678901234567890",
     "12345678901234567890.1234567890123456789"},
    {"", "{'column':'a','number':true}", "-123456789012345678.5", "-123456789012345678.5"},
    {"", "{'column':'a','number':true}", "0.1000000000000000055511151231257827",
     "0.1000000000000000055511151231257827"},
    {"", "{'column':'a','number':true}", "1e99",
     "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "0"
     "000000"},
    {"", "{'column':'a','number':true}", "1e100",
     "!'1e100' is not a number: longer than 100 digits"},
    {"", "{'column':'a','number':true}", "1e-101",
     "!'1e-101' is not a number: longer than 100 digits"},
    {"", "{'column':'a','number':true}", "0e999999999999", "0"},
    {"", "{'column':'a','number':true,'default':7}", "", "7"},
    {"'decimal':','", "{'column':'a','number':true,'default':'0,50'}", " ", "0.5"},
    {"'decimal':','", "{'column':'a','number':true,'round':1,'default':0.25}", "", "0.3"},
    {"", "{'column':'a','number':true,'currency':'$','default':'($5)'}", "", "-5"},
    {"", "{'column':'a','number':true}", "5.", "!'5.' is not a number"},
    {"", "{'column':'a','number':true}", "1.2.3", "!'1.2.3' is not a number"},
    {"", "{'column':'a','number':true}", "0x10", "!'0x10' is not a number"},
    {"", "{'column':'a','number':true}", "5-",
     "!'5-' is not a number: brackets or a sign behind it are read with currency alone"},
    {"", "{'column':'a','number':true}", "(5)",
     "!'(5)' is not a number: brackets or a sign behind it are read with currency alone"},
    {"", "{'column':'a','number':true}", "- 5", "!'- 5' is not a number"},
    {"", "{'column':'a','number':true}",
     "\xE2\x88\x92"
     "5.5",
     "!'\xE2\x88\x92"
     "5.5' is not a number: its minus is not - (U+002D) but a dash that looks like it"},
    {"", "{'column':'a','number':true,'currency':'$'}", "\xE2\x80\x93$5.5",
     "!'\xE2\x80\x93$5.5' is not a number: its minus is not - (U+002D) but a dash that looks like "
     "it"},
    {"", "{'column':'a','number':true,'currency':'$'}", "5.5 \xEF\xBC\x8D",
     "!'5.5 \xEF\xBC\x8D' is not a number: its minus is not - (U+002D) but a dash that looks like "
     "it"},
    {"", "{'column':'a','number':true}", "n/e",
     "!'n/e' is not a number: where it stands for nothing, say null = { \"n/e\" }"},
    {"", "{'column':'a','number':true}", "$5",
     "!'$5' is not a number: say currency = \"$\" if that is one"},
    {"", "{'column':'a','number':true}", "-$5",
     "!'-$5' is not a number: say currency = \"$\" if that is one"},
    {"", "{'column':'a','number':true}", "5 \xE2\x82\xAC",
     "!'5 \xE2\x82\xAC' is not a number: say currency = \"\xE2\x82\xAC\" if that is one"},
    {"", "{'column':'a','number':true}", "($5)",
     "!'($5)' is not a number: say currency = \"$\" if that is one"},
    {"", "{'column':'a','number':true}", "1,5",
     "!'1,5' is not a number: a decimal comma; say decimal = \",\""},
    {"", "{'column':'a','number':true}", "0,125",
     "!'0,125' is not a number: a decimal comma; say decimal = \",\""},
    {"", "{'column':'a','number':true}", "1,125",
     "!'1,125' is not a number: a comma; say decimal = \",\" or thousands = \",\""},
    {"", "{'column':'a','number':true}", "1,125.50",
     "!'1,125.50' is not a number: a comma between thousands; say thousands = \",\""},
    {"", "{'column':'a','number':true}", "1.125,50",
     "!'1.125,50' is not a number: a decimal comma; say decimal = \",\", thousands = \".\""},
    {"", "{'column':'a','number':true}", "1,125,000",
     "!'1,125,000' is not a number: a comma between thousands; say thousands = \",\""},
    {"", "{'column':'a','number':true}", "1 125",
     "!'1 125' is not a number: a blank between thousands; say thousands = \" \""},
    {"", "{'column':'a','number':true}",
     "1\xE2\x80\x99"
     "125",
     "!'1\xE2\x80\x99"
     "125' is not a number: an apostrophe between thousands; say thousands = \"'\""},
    {"", "{'column':'a','number':true}", "11/11/2025 10:00", "!'11/11/2025 10:00' is not a number"},
    {"'decimal':','", "{'column':'a','number':true}", "1,50", "1.5"},
    {"'decimal':','", "{'column':'a','number':true}", ",5", "0.5"},
    {"'decimal':','", "{'column':'a','number':true}", "1.5",
     "!'1.5' is not a number: a decimal point; say decimal = \".\""},
    {"'decimal':','", "{'column':'a','number':true}", "1.500",
     "!'1.500' is not a number: a point; say decimal = \".\" or thousands = \".\""},
    {"'decimal':','", "{'column':'a','number':true}", "1.500,25",
     "!'1.500,25' is not a number: a point between thousands; say thousands = \".\""},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "21.500,00", "21500"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1000,00", "1000"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1.234.567", "1234567"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "0.500",
     "!'0.500' is not a number: a point that is behind a zero; say decimal = \".\" if it is one"},
    {"'decimal':',','thousands':' '", "{'column':'a','number':true}", "-0 125",
     "!'-0 125' is not a number"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1.5",
     "!'1.5' is not a number: a point that is not before three digits; say decimal = \".\" if it "
     "is one"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1234.567",
     "!'1234.567' is not a number: a point that is not before three digits; say decimal = \".\" if "
     "it is one"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1.2345",
     "!'1.2345' is not a number: a point that is not before three digits; say decimal = \".\" if "
     "it is one"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", ".234",
     "!'.234' is not a number: a point that is not before three digits; say decimal = \".\" if it "
     "is one"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1.23,4",
     "!'1.23,4' is not a number: a point that is not before three digits; say decimal = \".\" if "
     "it is one"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "1..234",
     "!'1..234' is not a number: a point that is not before three digits; say decimal = \".\" if "
     "it is one"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}", "-12.345.678.901.234,5678",
     "-12345678901234.5678"},
    {"'decimal':',','thousands':'.'", "{'column':'a','number':true}",
     "123.456.789.012.345.678.901,5", "123456789012345678901.5"},
    {"'thousands':' '", "{'column':'a','number':true}", "1 234.5", "1234.5"},
    {"'thousands':' '", "{'column':'a','number':true}",
     "1\xC2\xA0"
     "234\xE2\x80\xAF"
     "567",
     "1234567"},
    {"'thousands':' '", "{'column':'a','number':true,'currency':'kr'}", "1 234 kr", "1234"},
    {"'thousands':'\\u00a0'", "{'column':'a','number':true}", "1 234", "1234"},
    {"'thousands':'\\u0027'", "{'column':'a','number':true}",
     "1'234\xE2\x80\x99"
     "567.5",
     "1234567.5"},
    {"'thousands':','", "{'column':'a','number':true,'currency':'$'}", "$1,036.00", "1036"},
    {"", "{'column':'a','number':true,'currency':'$'}", "-$3.00", "-3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "$-3.00", "-3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "($3.00)", "-3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "$(3.00)", "-3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "3.00-", "-3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "$3.00-", "-3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "3 $", "3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "3", "3"},
    {"", "{'column':'a','number':true,'currency':'EUR'}", "EUR 3", "3"},
    {"", "{'column':'a','number':true,'currency':'EUR'}", "3EUR", "3"},
    {"", "{'column':'a','number':true,'currency':'\xE2\x82\xAC'}", "3\xC2\xA0\xE2\x82\xAC", "3"},
    {"", "{'column':'a','number':true,'currency':'$'}", "$3$",
     "!'$3$' is not a number: something other than currency = \"$\" stands beside it"},
    {"", "{'column':'a','number':true,'currency':'$'}", "-3-",
     "!'-3-' is not a number: something other than currency = \"$\" stands beside it"},
    {"", "{'column':'a','number':true,'currency':'$'}", "(3",
     "!'(3' is not a number: something other than currency = \"$\" stands beside it"},
    {"", "{'column':'a','number':true,'currency':'$'}",
     "\xE2\x82\xAC"
     "3",
     "!'\xE2\x82\xAC"
     "3' is not a number: something other than currency = \"$\" stands beside it"},
    {"", "{'column':'a','number':true,'currency':'$'}", "US$3",
     "!'US$3' is not a number: something other than currency = \"$\" stands beside it"},
    {"", "{'column':'a','number':true,'round':2}", "1.005", "1.01"},
    {"", "{'column':'a','number':true,'round':2}", "-1.005", "-1.01"},
    {"", "{'column':'a','number':true,'round':2}", "1.0049999", "1"},
    {"", "{'column':'a','number':true,'round':0}", "0.5", "1"},
    {"", "{'column':'a','number':true,'round':0}", "-0.4", "0"},
    {"", "{'column':'a','number':true,'round':1}", "99999999999999999999.95",
     "100000000000000000000"},
    {"", "{'column':'a','number':true,'round':1}", "12345678901234567890.15",
     "12345678901234567890.2"},
    {"", "{'column':'a','number':true,'round':2}", "0.000000000000000000000000001", "0"},
    {"", "{'column':'a','number':true,'round':2}", "0.00500000000000000000000000", "0.01"},
    {"", "{'column':'a','number':true,'round':2}", "0.000500000000000000000000001", "0"},
    {"'null':['-']", "{'column':'a','number':true}", " - ", ""},
    /* sums */
    {"", "{'sum':'a'}", "1.10/2.20/3.30", "6.6"},
    {"", "{'sum':'a'}", "0.1/0.2", "0.3"},
    {"", "{'sum':1}", "1//2", "3"},
    {"", "{'sum':'a'}", "/", ""},
    {"", "{'sum':'a'}", "1/-1", "0"},
    {"", "{'sum':'a','currency':'$'}", "$1.50/($1.00)", "0.5"},
    {"", "{'sum':'a','round':1}", "0.04/0.04/0.04", "0.1"},
    {"", "{'sum':'a','round':0}", "-0.2/-0.3", "-1"},
    {"", "{'sum':'a'}", "123456789012345678901234567890.5/0.000001",
     "123456789012345678901234567890.500001"},
    {"", "{'sum':'a'}", "123456789012345678901234567890.5/0.0000001",
     "!'0.0000001' makes a sum of more than 36 digits"},
    {"", "{'sum':'a'}", "1234567890123456789012345678901234567",
     "!'1234567890123456789012345678901234567' has more than 36 digits"},
    {"", "{'add':['a','b']}", "58.90|13.29/10.00|5.00", "87.19"},
    {"", "{'add':['a','b']}", "58.90|/10.00|5.00", "73.9"},
    {"", "{'sum_product':['a','b']}", "2|19.99/1|19.99", "59.97"},
    {"", "{'sum_product':['a','b','c']}", "2|0.5|-1", "-1"},
    {"", "{'sum_product':['a','b']}", "2|19.99/|", "39.98"},
    {"", "{'sum_product':['a','b']}", "2|",
     "!'' is empty where there is something to multiply with"},
    {"", "{'sum_product':['a','b']}", "123456789012345678|123456789012345678",
     "15241578753238836527968299765279684"},
    {"", "{'sum_product':['a','b']}", "1234567890123456789|1234567890123456789",
     "!'1234567890123456789' makes a product of more than 36 digits"},
    {"'decimal':','", "{'sum':'a'}", "1.5",
     "!'1.5' is not a number: a decimal point; say decimal = \".\""},
    /* dates */
    {"", "{'column':'a','date':'%d/%m/%Y %H:%M'}", "11/11/2025 0:15", "'2025-11-11 00:15:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %H:%M'}", "1/1/2025  10:05", "'2025-01-01 10:05:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %H:%M'}", " 1/1/2025 10:05 ", "'2025-01-01 10:05:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %H:%M'}", "11/11/2025 00:15:00",
     "!'11/11/2025 00:15:00' is not a date as %d/%m/%Y %H:%M"},
    {"", "{'column':'a','date':'%d/%m/%Y %H:%M'}", "2025-11-11 00:15",
     "!'2025-11-11 00:15' is not a date as %d/%m/%Y %H:%M"},
    {"", "{'column':'a','date':'%d/%m/%Y'}", "31/02/2025",
     "!'31/02/2025' is a date that does not exist, as %d/%m/%Y"},
    {"", "{'column':'a','date':'%d/%m/%Y'}", "12/31/2025",
     "!'12/31/2025' is a date that does not exist, as %d/%m/%Y"},
    {"", "{'column':'a','date':'%d/%m/%Y'}", "001/01/2025",
     "!'001/01/2025' is not a date as %d/%m/%Y"},
    {"", "{'column':'a','date':'%d/%m/%Y'}", "1/1/25", "!'1/1/25' is not a date as %d/%m/%Y"},
    {"", "{'column':'a','date':'%Y-%m-%d'}", "2017-01-02", "'2017-01-02 00:00:00'"},
    {"", "{'column':'a','date':'%Y%m%d%H%M%S'}", "20250102030405", "'2025-01-02 03:04:05'"},
    {"", "{'column':'a','date':'%Y%m%d'}", "2025112", "!'2025112' is not a date as %Y%m%d"},
    {"", "{'column':'a','date':'%d/%m/%y'}", "01/02/68", "'2068-02-01 00:00:00'"},
    {"", "{'column':'a','date':'%d/%m/%y'}", "01/02/69", "'1969-02-01 00:00:00'"},
    {"", "{'column':'a','date':'%d %b %Y %I:%M %p'}", "3 MAR 2025 12:05 am",
     "'2025-03-03 00:05:00'"},
    {"", "{'column':'a','date':'%d %b %Y %I:%M %p'}", "3 Mar 2025 12:05 PM",
     "'2025-03-03 12:05:00'"},
    {"", "{'column':'a','date':'%d %b %Y %I:%M%p'}", "3 mar 2025 1:05pm", "'2025-03-03 13:05:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %I:%M %p'}", "3/3/2025 1:05 p. m.",
     "'2025-03-03 13:05:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %I:%M %p'}", "3/3/2025 12:05 a.\xC2\xA0m.",
     "'2025-03-03 00:05:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %I:%M %p %z'}", "3/3/2025 1:05 P.M. +01:00",
     "'2025-03-03 12:05:00'"},
    {"", "{'column':'a','date':'%d/%m/%Y %I:%M %p'}", "3/3/2025 1:05 p.",
     "!'3/3/2025 1:05 p.' is not a date as %d/%m/%Y %I:%M %p"},
    {"", "{'column':'a','date':'%d/%m/%Y %I:%M %p'}", "3/3/2025 1:05 p m",
     "!'3/3/2025 1:05 p m' is not a date as %d/%m/%Y %I:%M %p"},
    {"", "{'column':'a','date':'%d/%m/%Y %H:%M %*'}", "3/3/2025 1:05 p. m.",
     "!'3/3/2025 1:05 p. m.' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%d %b %Y %I:%M %p'}", "3 mar 2025 13:05 PM",
     "!'3 mar 2025 13:05 PM' is not a date as %d %b %Y %I:%M %p"},
    {"", "{'column':'a','date':'%d %b %Y'}", "3 ene 2025",
     "!'3 ene 2025' is not a date as %d %b %Y"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M:%S.%f'}", "2025-01-01 10:00:00.123456789",
     "'2025-01-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M:%S.%f'}", "2025-01-01 10:00:00.1234567890",
     "!'2025-01-01 10:00:00.1234567890' is not a date as %Y-%m-%d %H:%M:%S.%f"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M:%S %z'}", "2024-01-15 14:30:00 -0500",
     "'2024-01-15 19:30:00'"},
    {"", "{'column':'a','date':'%Y-%m-%dT%H:%M:%S%z'}", "2024-01-15T14:30:00+05:30",
     "'2024-01-15 09:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%dT%H:%M:%S%z'}", "2024-01-15T14:30:00Z",
     "'2024-01-15 14:30:00'"},
    {"", "{'column':'a','date':'%Y-%m-%dT%H:%M:%S%z'}", "2024-01-15T14:30:00+01",
     "'2024-01-15 13:30:00'"},
    {"", "{'column':'a','date':'%Y-%m-%dT%H:%M:%S%z'}", "2024-01-15T14:30:00",
     "!'2024-01-15T14:30:00' is not a date as %Y-%m-%dT%H:%M:%S%z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M'}", "2025-01-01 24:00",
     "!'2025-01-01 24:00' is a time of 24:00, which is read with label = \"end\" alone"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M'}", "2025-01-01 25:00",
     "!'2025-01-01 25:00' is a time that does not exist"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M'}", "2025-01-01 10:60",
     "!'2025-01-01 10:60' is a time that does not exist"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M %*'}", "2025-01-01 10:00 - 2025-01-01 10:15",
     "'2025-01-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00", "'2025-01-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M %*'}", "2025-01-01 10:00", "'2025-01-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00 Pago",
     "'2025-01-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M %*'}", "2025-01-01 12:00 p. 3",
     "'2025-01-01 12:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00  +02:00",
     "!'2025-01-01 10:00  +02:00' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00 pm",
     "!'2025-01-01 10:00 pm' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00Z",
     "!'2025-01-01 10:00Z' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00:30-0500",
     "!'2025-01-01 10:00:30-0500' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00:30.000-05:00",
     "!'2025-01-01 10:00:30.000-05:00' is followed by AM, PM or an offset, which %* would pass "
     "over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00:30,5 PM",
     "!'2025-01-01 10:00:30,5 PM' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M%*'}", "2025-01-01 10:00.5Z",
     "!'2025-01-01 10:00.5Z' is followed by AM, PM or an offset, which %* would pass over; "
     "read it with %p or %z"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M UTC','tz':'UTC'}",
     "2025-07-01 10:00 UTC", "'2025-07-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M UTC'}", "2025-07-01 10:00 UTC",
     "'2025-07-01 10:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d%z'}", "2025-07-01+02:00", "'2025-06-30 22:00:00'"},
    {"'tz':'America/Sao_Paulo'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}",
     "2025-07-01 10:00 -03", "'2025-07-01 13:00:00'"},
    {"'tz':'America/Sao_Paulo'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}",
     "2025-07-01 10:00 -02",
     "!'2025-07-01 10:00 -02' has an abbreviation that the clocks of America/Sao_Paulo do not go "
     "by then"},
    {"", "{'column':'a','date':'%d%%%m%%%Y'}", "1%2%2025", "'2025-02-01 00:00:00'"},
    {"", "{'column':['a','b'],'date':'%Y-%m-%d %H:%M:%S'}", "2026-07-18|12:59:30",
     "'2026-07-18 12:59:30'"},
    {"", "{'column':['a','b'],'date':'%Y-%m-%d %H:%M:%S'}", "2026-07-18|",
     "!'2026-07-18' is not a date as %Y-%m-%d %H:%M:%S"},
    {"", "{'column':['a','b'],'date':'%Y-%m-%d %H:%M:%S'}", "|", ""},
    {"'tz':'Europe/Madrid'",
     "{'column':['a','b'],'date':'%d/%m/%Y %H:%M','default':'1/7/2025 00:00'}", " |",
     "'2025-06-30 22:00:00'"},
    {"", "{'column':'a','date':'%Y%m%d','default':20250701}", "", "'2025-07-01 00:00:00'"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M','tz':'Europe/Madrid'}", "2025-07-01 12:00",
     "'2025-07-01 10:00:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M'}", "2025-01-01 00:30",
     "'2024-12-31 23:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M','tz':'America/New_York'}",
     "2025-01-01 00:30", "'2025-01-01 05:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M %z'}", "2025-01-01 00:30 Z",
     "'2025-01-01 00:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M'}", "2025-03-30 02:30",
     "!'2025-03-30 02:30' does not exist in Europe/Madrid: the clocks were put forward over it"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M'}", "2025-10-26 02:30",
     "!'2025-10-26 02:30' happens twice in Europe/Madrid, at 2025-10-26T00:30:00Z and at "
     "2025-10-26T01:30:00Z; say overlap = \"first\" or \"second\""},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M','overlap':'first'}",
     "2025-10-26 02:30", "'2025-10-26 00:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M','overlap':'second'}",
     "2025-10-26 02:30", "'2025-10-26 01:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M','overlap':'second'}",
     "2025-10-26 01:30", "'2025-10-25 23:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}", "2025-10-26 02:30 CEST",
     "'2025-10-26 00:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}", "2025-10-26 02:30 CET",
     "'2025-10-26 01:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}", "2025-07-26 02:30 UTC",
     "'2025-07-26 02:30:00'"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}", "2025-07-26 02:30 CET",
     "!'2025-07-26 02:30 CET' has an abbreviation that the clocks of Europe/Madrid do not go by "
     "then"},
    {"'tz':'Europe/Madrid'", "{'column':'a','date':'%Y-%m-%d %H:%M %Z'}", "2025-07-26 02:30 EST",
     "!'2025-07-26 02:30 EST' has an abbreviation that the clocks of Europe/Madrid do not go by "
     "then"},
    {"", "{'column':'a','date':'%Y-%m-%d %H:%M %z'}", "0001-01-01 00:30 +01:00",
     "!'0001-01-01 00:30 +01:00' is not in the years 1 to 9999 in UTC"},
};

/* With double quotes in the place of single ones. */
static const char *quoted(const char *text) {
  static char copies[4][1024];
  static unsigned turn;
  char *copy = copies[turn++ % 4];
  size_t length = strlen(text);
  memcpy(copy, text, length + 1);
  for (char *at = copy; *at != '\0'; at++)
    if (*at == '\'') *at = '"';
  return copy;
}

static pur_map *compile(const char *json, pur_map_use use, pur_error *error) {
  pur_map *map = NULL;
  pur_status status = pur_map_compile(json, strlen(json), use, &map, error);
  EXPECT((status == PUR_OK) == (map != NULL), "%s", json);
  return map;
}

static pur_status run_rows(const pur_rule *rule, char *rows, const size_t *columns, size_t slots,
                           pur_buffer *out, pur_error *error) {
  const bool is_sum = rule->kind == PUR_RULE_SUM || rule->kind == PUR_RULE_SUM_PRODUCT;
  pur_rule_sum sum = {{0, 0}, false};
  pur_status status = PUR_OK;
  size_t slot;
  for (char *at = rows; at != NULL && status == PUR_OK;) {
    pur_map_cell cells[16];
    char *end = is_sum ? strchr(at, '/') : NULL;
    if (end != NULL) *end++ = '\0';
    (void)test_cut_cells(at, columns, slots, cells);
    if (!is_sum) return pur_rule_write(rule, cells, out, &slot, error);
    status = pur_rule_add(rule, cells, &sum, &slot, error);
    at = end;
  }
  return status == PUR_OK ? pur_rule_write_sum(rule, &sum, out) : status;
}

static void run_case(const rule_case *c) {
  static const pur_text names[] = {{"a", 1}, {" b\t", 3}, {"c", 1}, {"d", 1}};
  char json[1024], rows[256];
  size_t columns[16];
  pur_buffer out = {0};
  pur_error error = {0};
  pur_status status;
  pur_map *map;
  (void)snprintf(json, sizeof json, "{%s%s'purchase':{'x':%s}}", c->file, *c->file ? "," : "",
                 c->rule);
  map = compile(quoted(json), PUR_MAP_SALES, &error);
  EXPECT(map != NULL, "%s: %s", json, error.message);
  if (map == NULL) return;
  status = pur_map_bind(map, names, CELLS, columns, &error);
  EXPECT(status == PUR_OK, "%s: %s", json, error.message);
  (void)snprintf(rows, sizeof rows, "%s", c->cells);
  if (status == PUR_OK)
    status = run_rows(&pur_map_sales_of(map)->purchase.members[0], rows, columns,
                      pur_map_slot_count(map), &out, &error);
  if (*c->expected == '!') {
    EXPECT(status != PUR_OK && status != PUR_END && strcmp(error.message, c->expected + 1) == 0,
           "%s on %s:\n  %s\n  %.*s", c->rule, c->cells, error.message, (int)out.length, out.data);
  } else if (*c->expected == '\0') {
    EXPECT(status == PUR_END && out.length == 0, "%s on %s: %d %s", c->rule, c->cells, status,
           error.message);
  } else {
    const char *expected = quoted(c->expected);
    EXPECT(status == PUR_OK && out.length == strlen(expected) &&
               memcmp(out.data, expected, out.length) == 0,
           "%s on %s: %.*s %s", c->rule, c->cells, (int)out.length, out.data, error.message);
  }
  pur_buffer_free(&out);
  pur_map_release(map);
}

/* Maps that are refused, with the message. */
static const struct {
  pur_map_use use;
  const char *json, *message;
} wrong[] = {
    {PUR_MAP_SALES, "{}", "purchase: expected a table of rules by name"},
    {PUR_MAP_SALES, "[]", "purchase: expected a table of rules by name"},
    {PUR_MAP_SALES, "[1]", "map: expected a table with names, got a list"},
    {PUR_MAP_SALES, "{'purchase':{},'grup':'a'}", "map: unknown key 'grup'"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','nubmer':true}}}",
     "purchase.x: unknown key 'nubmer'"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'colum':'a'}}}",
     "purchase.x: unknown key 'colum'; did you mean 'column'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'colum':'a','number':true}}}",
     "purchase.x: unknown key 'colum'; did you mean 'column'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'date':'%Y','Colmun':'a'}}}",
     "purchase.x: unknown key 'Colmun'; did you mean 'column'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'y':{'columns':'a'}}}}",
     "purchase.x.y: unknown key 'columns'; did you mean 'column'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'constent':'a'}}}",
     "purchase.x: unknown key 'constent'; did you mean 'constant'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'sums':'a'}}}",
     "purchase.x: unknown key 'sums'; did you mean 'sum'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'SUM':'a'}}}",
     "purchase.x: unknown key 'SUM'; did you mean 'sum'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'sumProduct':['a','b']}}}",
     "purchase.x: unknown key 'sumProduct'; did you mean 'sum_product'?"},
    {PUR_MAP_SALES, "{'purchase':{'x':true}}",
     "purchase.x: expected a column's name or number, a table or a function"},
    {PUR_MAP_SALES, "{'purchase':{'x':''}}", "purchase.x: a column's name is empty"},
    {PUR_MAP_SALES, "{'purchase':{'x':0}}", "purchase.x: columns are numbered from 1"},
    {PUR_MAP_SALES, "{'purchase':{'x':1.5}}", "purchase.x: columns are numbered from 1"},
    {PUR_MAP_SALES, "{'purchase':{'x':[1]}}",
     "purchase.x: expected a table of rules by name, got a list"},
    {PUR_MAP_SALES, "{'purchase':{'prices':{'total':{'sum':['a','b']}}}}",
     "purchase.prices.total.sum: takes one column; of several, add adds them and sum_product "
     "multiplies them"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'add':'a'}}}", "purchase.x.add: expected a list of columns"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'add':[]}}}",
     "purchase.x.add: the list of columns is empty"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'sum':'a','column':'b'}}}",
     "purchase.x: has both 'column' and 'sum'"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'sum':'a','first':true}}}",
     "purchase.x: unknown key 'first'"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'constant':{}}}}",
     "purchase.x.constant: expected a text, a number, true or false"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':'yes'}}}",
     "purchase.x.number: expected true or false, got a text"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','currency':'$'}}}",
     "purchase.x.currency: goes with number = true"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'currency':'-'}}}",
     "purchase.x.currency: expected a sign or a code, such as '$' or 'EUR', without + - ( )"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'currency':'\xE2\x88\x92'}}}",
     "purchase.x.currency: expected a sign or a code, such as '$' or 'EUR', without + - ( )"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'currency':'\xE2\x80\x90'}}}",
     "purchase.x.currency: expected a sign or a code, such as '$' or 'EUR', without + - ( )"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'currency':'$\xE2\x80\x93'}}}",
     "purchase.x.currency: expected a sign or a code, such as '$' or 'EUR', without + - ( )"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'currency':'\xE2\x80\x95 EUR'}}}",
     "purchase.x.currency: expected a sign or a code, such as '$' or 'EUR', without + - ( )"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'currency':'\xC2\xAD'}}}",
     "purchase.x.currency: expected a sign or a code, such as '$' or 'EUR', without + - ( )"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','currency':'kWh'}}",
     "value.currency: 'kWh' is a unit; say unit = \"kWh\""},
    {PUR_MAP_SERIES, "{'value':{'column':'a','currency':'MW'}}",
     "value.currency: 'MW' is a unit; say unit = \"MW\""},
    {PUR_MAP_SERIES, "{'value':{'column':'a','currency':'EUR/MWh'}}",
     "value.currency: 'EUR/MWh' is of a price, not of power or energy"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','currency':'\xE2\x82\xAC/u'}}",
     "value.currency: '\xE2\x82\xAC/u' is of a price, not of power or energy"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','currency':'W'}}",
     "value.currency: 'W' changes what the number means; units are MW, kW, GW, MWh, kWh, Wh, GWh"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','currency':'%'}}",
     "value.currency: '%' changes what the number means; units are MW, kW, GW, MWh, kWh, Wh, GWh"},
    {PUR_MAP_SALES, "{'purchase':{'x':'a'},'header':true}",
     "header: expected the number of its line, or false"},
    {PUR_MAP_SALES, "{'purchase':{'x':'a'},'names':['a',2]}",
     "names: each column's name is a text"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','round':2}}}",
     "purchase.x.round: goes with number = true"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'round':-1}}}",
     "purchase.x.round: expected a whole number from 0 to 18"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':['a','b'],'number':true}}}",
     "purchase.x.column: a number has one column; add = { ... } adds several"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'date':'%Y-%m-%d'}}}",
     "purchase.x: a column is a number or a date, not both"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'values':{'a':'b'}}}}",
     "purchase.x.values: goes with texts, not with number or date"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','values':{}}}}",
     "purchase.x.values: expected { text = another text }"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','tz':'Europe/Madrid'}}}",
     "purchase.x.tz: goes with date"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','overlap':'first'}}}",
     "purchase.x.overlap: goes with date"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d','tz':'Europe/Lodnon'}}}",
     "purchase.x.tz: unknown time zone Europe/Lodnon"},
    {PUR_MAP_SALES, "{'purchase':{},'tz':'Europe/Lodnon'}", "tz: unknown time zone Europe/Lodnon"},
    {PUR_MAP_SALES,
     "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %H:%M%z','tz':'Europe/Madrid'}}}",
     "purchase.x.tz: the date has its offset already (%z)"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %H:%M%z','overlap':'first'}}}",
     "purchase.x.overlap: the date has its offset already (%z)"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %H:%M %Z'}}}",
     "purchase.x.date: %Z needs the zone whose abbreviations it reads: tz"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d','overlap':'third'}}}",
     "purchase.x.overlap: expected 'first' or 'second'"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'dd/mm/yyyy'}}}",
     "purchase.x.date: 'dd/mm/yyyy' has no letters of strptime, such as %d/%m/%Y %H:%M"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%d/%m'}}}",
     "purchase.x.date: '%d/%m' has no year (%Y or %y)"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%d/%m/20%y'}}}",
     "purchase.x.date: '%d/%m/20%y' has a digit, which would stand for itself"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%dT%H:%M:%SZ'}}}",
     "purchase.x.date: '%Y-%m-%dT%H:%M:%SZ' has a +, - or Z behind the time, which would pass over "
     "an offset; say %z"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %H:%M-%*'}}}",
     "purchase.x.date: '%Y-%m-%d %H:%M-%*' has a +, - or Z behind the time, which would pass over "
     "an offset; say %z"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %*x'}}}",
     "purchase.x.date: '%Y-%m-%d %*x' has something behind %*"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %Q'}}}",
     "purchase.x.date: '%Y-%m-%d %Q' has a letter that is none of %Y %y %m %d %H %I %p %M %S %f %b "
     "%z %Z %* %%"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %'}}}",
     "purchase.x.date: '%Y-%m-%d %' has a letter that is none of %Y %y %m %d %H %I %p %M %S %f %b "
     "%z %Z %* %%"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %I:%M'}}}",
     "purchase.x.date: '%Y-%m-%d %I:%M' has %I without %p"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %d'}}}",
     "purchase.x.date: '%Y-%m-%d %d' has a letter that stands twice"},
    {PUR_MAP_SALES,
     "{'decimal':',','purchase':{'x':{'column':'a','number':true,'default':'0.50'}}}",
     "purchase.x.default: '0.50' is not a number: a decimal point; say decimal = \".\""},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'default':'5;0'}}}",
     "purchase.x.default: '5;0' is not a number"},
    {PUR_MAP_SALES, "{'null':'-','purchase':{'x':{'column':'a','number':true,'default':'-'}}}",
     "purchase.x.default: is empty itself"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','number':true,'default':false}}}",
     "purchase.x.default: expected a text or a number"},
    {PUR_MAP_SALES, "{'purchase':{'x':{'column':'a','date':'%d/%m/%Y','default':'2025-01-01'}}}",
     "purchase.x.default: '2025-01-01' is not a date as %d/%m/%Y"},
    {PUR_MAP_SALES,
     "{'tz':'Europe/Madrid','purchase':{'x':{'column':'a','date':'%Y-%m-%d %H:%M','default':"
     "'2025-03-30 02:30'}}}",
     "purchase.x.default: '2025-03-30 02:30' does not exist in Europe/Madrid: the clocks were put "
     "forward over it"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','default':'0,5'}}",
     "value.default: '0,5' is not a number: a decimal comma; say decimal = \",\""},
    {PUR_MAP_SALES, "{'purchase':{},'items':'l'}",
     "map: 'items', the list's name, and 'item', its rules, go together"},
    {PUR_MAP_SALES, "{'purchase':{},'item':{}}",
     "map: 'items', the list's name, and 'item', its rules, go together"},
    {PUR_MAP_SALES, "{'purchase':{'l':'a'},'items':'l','item':{}}",
     "items: purchase has a field of that name"},
    {PUR_MAP_SALES, "{'purchase':{},'items':'l','item':{'a':{'b':{'column':[]}}}}",
     "item.a.b.column: the list of columns is empty"},
    {PUR_MAP_SALES,
     "{'purchase':{'x':{'column':'a','date':'%Y-%m-%d %H:%M UTC'}},'tz':'Europe/Madrid'}",
     "purchase.x.date: '%Y-%m-%d %H:%M UTC' is a time in UTC, not of Europe/Madrid; say tz = "
     "\"UTC\""},
    {PUR_MAP_SALES, "{'purchse':{}}", "map: unknown key 'purchse'"},
    {PUR_MAP_SALES, "{'purchase':{},'items':'l','item':{'a':{'sum':'b'}}}",
     "item.a.sum: is of all rows of a purchase: say it in purchase"},
    {PUR_MAP_SALES, "{'purchase':{},'items':'l','item':{'a':{'column':'b','first':true}}}",
     "item.a.first: every row has an item of its own"},
    {PUR_MAP_SALES, "{'purchase':{},'blank':'continues'}", "blank: goes with group"},
    {PUR_MAP_SALES, "{'purchase':{},'blank':'x','group':'a'}", "blank: expected 'continues'"},
    {PUR_MAP_SALES, "{'purchase':{},'group':[]}", "group: the list of columns is empty"},
    {PUR_MAP_SALES, "{'purchase':{},'encoding':'ascii'}",
     "encoding: expected 'utf8', 'windows-1252', 'latin1' or 'utf16'"},
    {PUR_MAP_SALES, "{'purchase':{},'delimiter':';;'}",
     "delimiter: expected one character of ASCII, neither a quote nor a line end"},
    {PUR_MAP_SALES, "{'purchase':{},'delimiter':''}",
     "delimiter: expected one character of ASCII, neither a quote nor a line end"},
    {PUR_MAP_SALES, "{'purchase':{},'decimal':';'}", "decimal: expected '.' or ','"},
    {PUR_MAP_SALES, "{'purchase':{},'thousands':'x'}",
     "thousands: expected '.', ',', ' ' or \"'\""},
    {PUR_MAP_SALES, "{'purchase':{},'thousands':'.'}", "thousands: is the same as decimal = \".\""},
    {PUR_MAP_SALES, "{'purchase':{},'skip':2}",
     "skip: goes with header = false; a header's line is header = 3"},
    {PUR_MAP_SALES, "{'purchase':{},'header':0}",
     "header: expected the number of its line, or false"},
    {PUR_MAP_SALES, "{'purchase':{},'names':'a'}",
     "names: expected the list of all columns' names"},
    {PUR_MAP_SALES, "{'purchase':{},'null':true}",
     "null: expected a text or a list of texts, got true"},
    {PUR_MAP_SALES, "{'purchase':{},'where':'a'}", "where: expected { column = text }"},
    {PUR_MAP_SALES, "{'purchase':{},'where':{'a':true}}",
     "where: expected a text or a list of texts, got true"},
    {PUR_MAP_SALES, "{'purchase':{},'unless':{'a':[]}}",
     "unless: expected a text, or a list of texts, for each column"},
    {PUR_MAP_SALES, "{'purchase':{},'list':'a'}",
     "list: expected a JSON pointer such as /indicator/values"},
    {PUR_MAP_SALES, "{'purchase':{},'datetime':'a'}", "map: unknown key 'datetime'"},
    {PUR_MAP_SERIES, "{'group':'a'}", "map: unknown key 'group'"},
    {PUR_MAP_SERIES, "{'step':7}", "step: expected minutes that divide 60, or false"},
    {PUR_MAP_SERIES, "{'resolution':20}",
     "resolution: expected minutes that divide 60 and are a multiple of step, 15"},
    {PUR_MAP_SERIES, "{'step':false,'resolution':60}",
     "resolution: rows on no grid (step = false) have no length"},
    {PUR_MAP_SERIES, "{'step':false,'label':'end'}",
     "label: rows on no grid (step = false) have no end"},
    {PUR_MAP_SERIES, "{'label':'middle'}", "label: expected 'start' or 'end'"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','unit':'kwh'}}",
     "value.unit: expected MW, kW, GW, MWh, kWh, Wh or GWh"},
    {PUR_MAP_SERIES, "{'step':false,'value':{'column':'a','unit':'kWh'}}",
     "value.unit: energy in rows on no grid (step = false) is no power"},
    {PUR_MAP_SERIES, "{'value':'consumo_kWh'}",
     "value: column \"consumo_kWh\" is named for kWh, not MW; say its unit: { column = "
     "\"consumo_kWh\", unit = \"kWh\" }"},
    {PUR_MAP_SERIES, "{'value':{'column':'Precio (EUR/MWh)','unit':'MWh'}}",
     "value: column \"Precio (EUR/MWh)\" holds a price, not power or energy"},
    {PUR_MAP_SERIES, "{'value':{'column':['a','b']}}",
     "value.column: a value has one column; add = { ... } adds several"},
    {PUR_MAP_SERIES, "{'value':{'from':'a'}}",
     "value: a row that is a day has { from = column, to = column }"},
    {PUR_MAP_SERIES, "{'value':{'column':'a','number':false}}", "value.number: this is always one"},
    {PUR_MAP_SERIES, "{'value':{'function':1}}",
     "value: expected a column, { column = ... } or { add = ... }"},
    {PUR_MAP_SERIES, "{'datetime':{'date':'%Y-%m-%d'}}",
     "datetime: expected a column, or { column = ... }"},
    {PUR_MAP_SERIES, "{'datetime':{'column':'a','dst':'b'}}",
     "datetime.dst: expected { column = name, is = text }"},
    {PUR_MAP_SERIES, "{'datetime':{'column':'a','period':'p','dst':{'column':'b','is':'1'}}}",
     "datetime.dst: something else tells repeated hours already"},
    {PUR_MAP_SERIES, "{'step':false,'datetime':{'column':'a','period':'p'}}",
     "datetime.period: counts intervals of step or resolution"},
    {PUR_MAP_SERIES, "{'datetime':{'column':'Time (UTC)','date':'%Y-%m-%d %H:%M'}}",
     "datetime: column \"Time (UTC)\" is named for UTC, but its times have no offset; say whose "
     "they "
     "are: { column = \"Time (UTC)\", tz = \"UTC\" }"},
    {PUR_MAP_SERIES, "{'tz':true}", "tz: expected a text, got true"},
};

static void expect_wrong(void) {
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    pur_error error = {0};
    pur_map *map = compile(quoted(wrong[i].json), wrong[i].use, &error);
    EXPECT(map == NULL && error.status == PUR_INVALID_MAP &&
               strcmp(error.message, wrong[i].message) == 0,
           "%s:\n  %s", wrong[i].json, map == NULL ? error.message : "compiled");
    pur_map_release(map);
  }
}

static void expect_deep(void) {
  char json[400] = "{'purchase':";
  pur_error error = {0};
  for (int i = 0; i < 40; i++) strcat(json, "{'x':");
  strcat(json, "'a'");
  for (int i = 0; i < 41; i++) strcat(json, "}");
  EXPECT(compile(quoted(json), PUR_MAP_SALES, &error) == NULL, "compiled");
  EXPECT(strcmp(error.message, "map: tables in more than 31 others") == 0, "%s", error.message);
}

/* Columns that a file has, or has not. */
static void expect_bind(const char *json, size_t count, const char *const *names,
                        const char *message) {
  pur_error error = {0};
  pur_map *map = compile(quoted(json), PUR_MAP_SALES, &error);
  pur_text texts[8];
  size_t columns[16];
  pur_status status;
  EXPECT(map != NULL, "%s: %s", json, error.message);
  if (map == NULL) return;
  for (size_t i = 0; names != NULL && i < count; i++)
    texts[i] = (pur_text){names[i], strlen(names[i])};
  status = pur_map_bind(map, names != NULL ? texts : NULL, count, columns, &error);
  EXPECT(message == NULL ? status == PUR_OK
                         : status == PUR_MISSING_COLUMN && strcmp(error.message, message) == 0,
         "%s: %d %s", json, status, error.message);
  pur_map_release(map);
}

static void expect_binds(void) {
  static const char *const names[] = {"Order, no", "Total\n", "Total\n", " Email "};
  expect_bind("{'group':'Order, no','purchase':{'email':'Email','x':4}}", 4, names, NULL);
  expect_bind("{'purchase':{'p':{'email':'Mail'}}}", 4, names,
              "purchase.p.email: no column \"Mail\"; the columns are \"Order, no\", "
              "\"Total?\", \"Total?\", \"Email\"");
  expect_bind("{'purchase':{'x':{'column':'Total\\n'}}}", 4, names,
              "purchase.x.column: column \"Total?\" is there 2 times; name it by its number");
  expect_bind(
      "{'purchase':{'x':5}}", 4, names,
      "purchase.x: no column 5; the columns are \"Order, no\", \"Total?\", \"Total?\", \"Email\"");
  expect_bind("{'purchase':{'x':4}}", 4, NULL, NULL);
  expect_bind("{'purchase':{'x':5}}", 4, NULL, "purchase.x: no column 5; there are 4");
  expect_bind("{'purchase':{'x':'a'}}", 4, NULL,
              "purchase.x: no column \"a\", for there is no header: name columns by number, or say "
              "their names");
  expect_bind("{'where':{'4':'x'},'purchase':{}}", 4, names, NULL);
  expect_bind("{'where':['x'],'purchase':{}}", 4, NULL, NULL);
}

/* Rows that count: of cells "a|b". */
static void expect_wants(const char *filters, const char *row, bool wanted) {
  static const pur_text names[] = {{"a", 1}, {"b", 1}};
  char json[200], copy[100];
  pur_error error = {0};
  pur_map *map;
  pur_map_cell cells[16];
  size_t columns[16];
  (void)snprintf(json, sizeof json, "{'purchase':{'x':'b'},%s}", filters);
  map = compile(quoted(json), PUR_MAP_SALES, &error);
  EXPECT(map != NULL, "%s: %s", json, error.message);
  if (map == NULL) return;
  EXPECT(pur_map_bind(map, names, 2, columns, &error) == PUR_OK, "%s", error.message);
  (void)snprintf(copy, sizeof copy, "%s", row);
  (void)test_cut_cells(copy, columns, pur_map_slot_count(map), cells);
  EXPECT(pur_map_wants(map, cells) == wanted, "%s on %s", filters, row);
  pur_map_release(map);
}

static void expect_filters(void) {
  expect_wants("'where':{'a':'x'}", "x|1", true);
  expect_wants("'where':{'a':'x'}", " x|1", false);
  expect_wants("'where':{'a':['x','y']}", "y|1", true);
  expect_wants("'where':{'a':'x','b':'1'}", "x|1", true);
  expect_wants("'where':{'a':'x','b':'1'}", "x|2", false);
  expect_wants("'where':{'a':''}", "|2", true);
  expect_wants("'where':{'a':''},'null':'-'", "-|2", true);
  expect_wants("'where':{'a':'-'},'null':'-'", "-|2", true);
  expect_wants("'unless':{'a':'x'}", "x|1", false);
  expect_wants("'unless':{'a':'x'}", "y|1", true);
  expect_wants("'unless':{'a':'x','b':'1'}", "y|1", false);
  expect_wants("'where':{'a':['x','y']},'unless':{'b':'1'}", "x|1", false);
  expect_wants("'where':{'1':'x'}", "x|1", true);
  expect_wants("'where':['x','1']", "x|1", true);
  expect_wants("'where':[null,'1']", "z|1", true);
  expect_wants("'where':{},'unless':[]", "z|1", true);
}

/* A NUL is no sign of any kind. */
static void expect_nul(void) {
  pur_error error = {0};
  pur_buffer out = {0};
  size_t slot;
  const pur_map_cell cell = {.text = "1\000234", .length = 5};
  pur_map *map =
      compile("{\"purchase\":{\"x\":{\"column\":1,\"number\":true}}}", PUR_MAP_SALES, &error);
  EXPECT(map != NULL && pur_rule_write(&pur_map_sales_of(map)->purchase.members[0], &cell, &out,
                                       &slot, &error) == PUR_INVALID_CELL,
         "%.*s", (int)out.length, out.data);
  pur_buffer_free(&out);
  pur_map_release(map);
}

/* What sales say: members by name, functions counted. */
static void expect_sales(void) {
  pur_error error = {0};
  pur_map *map = compile(quoted("{'group':['a','b'],'blank':'continues','items':'lines',"
                                "'item':{'sku':'c','f':{'function':2}},'purchase':{'b':'a',"
                                "'\\u00e9':'a','ab':{'column':'a','first':true},'o':{'z':1,'y':[]},"
                                "'a\\u0022':{'function':1}}}"),
                         PUR_MAP_SALES, &error);
  const pur_map_sales *sales;
  EXPECT(map != NULL, "%s", error.message);
  if (map == NULL) return;
  sales = pur_map_sales_of(map);
  EXPECT(sales->group_count == 2 && sales->blank_continues && sales->functions == 2, "sales");
  EXPECT(sales->purchase.member_count == 5, "%zu", sales->purchase.member_count);
  EXPECT(memcmp(sales->purchase.members[0].member.text, "\"a\\\"\":", 6) == 0, "a\"");
  EXPECT(sales->purchase.members[0].function == 1, "function");
  EXPECT(sales->purchase.members[1].first, "ab");
  EXPECT(memcmp(sales->purchase.members[4].member.text, "\"\xC3\xA9\":", 5) == 0, "e");
  EXPECT(strcmp(sales->purchase.members[3].members[1].path, "purchase.o.z") == 0, "path");
  EXPECT(memcmp(sales->member.text, "\"lines\":", 8) == 0, "items");
  pur_map_release(pur_map_reference(map));
  pur_map_release(map);
}

int main(void) {
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) run_case(&cases[i]);
  expect_wrong();
  expect_deep();
  expect_binds();
  expect_filters();
  expect_sales();
  expect_nul();
  return test_result();
}
