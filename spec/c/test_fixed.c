/* fixed.h: decimals as text and as doubles against integers worked out digit by digit. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "number/fixed.h"
#include "number/number.h"
#include "test.h"

static void expect_read(const char *text, int64_t value, unsigned places) {
  pur_fixed number = {0, 0};
  EXPECT(pur_fixed_read(text, strlen(text), &number), "%s is refused", text);
  EXPECT(number.value == value && number.places == places, "%s is %lld with %u places", text,
         (long long)number.value, number.places);
}

static void expect_refused(const char *text) {
  pur_fixed number = {7, 7};
  EXPECT(!pur_fixed_read(text, strlen(text), &number), "%s is taken", text);
  EXPECT(number.value == 7 && number.places == 7, "%s changes the number", text);
}

static void test_read(void) {
  static const char *const refused[] = {"",
                                        "-",
                                        "-0",
                                        "-0.0",
                                        "+1",
                                        ".5",
                                        "1.",
                                        "-.5",
                                        "01",
                                        "-01",
                                        "00",
                                        "00.5",
                                        "1e5",
                                        "1E-3",
                                        "1.5e0",
                                        "1,5",
                                        "1.2.3",
                                        "1..2",
                                        "--1",
                                        "1-",
                                        " 1",
                                        "1 ",
                                        "x",
                                        "1x",
                                        "1.x",
                                        "1.x0",
                                        "-0.000",
                                        "1.0000000000001",
                                        "1000000000000000000",
                                        "-1000000000000000000",
                                        "1234567890123456789",
                                        "100000000000000000.12",
                                        "0.1234567890123",
                                        "99999999999999999999999",
                                        "1.2.0",
                                        "1.-0"};
  expect_read("0", 0, 0);
  expect_read("0.0", 0, 0);
  expect_read("7", 7, 0);
  expect_read("-7", -7, 0);
  expect_read("120", 120, 0);
  expect_read("12.345", 12345, 3);
  expect_read("-12.345", -12345, 3);
  expect_read("12.500", 125, 1);
  expect_read("12.000", 12, 0);
  expect_read("0.05", 5, 2);
  expect_read("-0.05", -5, 2);
  expect_read("999999999999999999", PUR_FIXED_MOST, 0);
  expect_read("-999999999999999999", -PUR_FIXED_MOST, 0);
  expect_read("999999.999999999999", PUR_FIXED_MOST, 12);
  expect_read("0.000000000001", 1, 12);
  expect_read("1.00000000000000000000000000000000", 1, 0);
  expect_read("999999999999999999.00000000000000", PUR_FIXED_MOST, 0);
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) expect_refused(refused[i]);
}

static void expect_written(int64_t value, unsigned places, const char *want) {
  char text[PUR_FIXED_SIZE];
  size_t length = (size_t)(pur_fixed_write(text, value, places) - text);
  EXPECT(length == strlen(want) && memcmp(text, want, length) == 0, "%.*s instead of %s",
         (int)length, text, want);
}

static void test_write(void) {
  expect_written(0, 0, "0");
  expect_written(0, 12, "0");
  expect_written(-5, 0, "-5");
  expect_written(12345, 3, "12.345");
  expect_written(12340, 3, "12.34");
  expect_written(12000, 3, "12");
  expect_written(-50, 3, "-0.05");
  expect_written(1, 12, "0.000000000001");
  expect_written(1234567, 3, "1234.567");
  expect_written(900996, 4, "90.0996");
  expect_written(-146248, 4, "-14.6248");
  expect_written(10000, 4, "1");
  expect_written(5, 4, "0.0005");
  expect_written(123450, 5, "1.2345");
  expect_written(123400000, 6, "123.4");
  expect_written(999999999, 6, "999.999999");
  expect_written(1000000001, 6, "1000.000001");
  expect_written(PUR_FIXED_MOST, 0, "999999999999999999");
  expect_written(-PUR_FIXED_MOST, 12, "-999999.999999999999");
}

/* Every number below a million, at every number of places, is written as printf would, less the
 * zeros that end its fraction, and read back; with more places, it is the same. */
static void test_round_trip(void) {
  for (int64_t i = -1100000; i < 1100000; i += 1 + (int64_t)(test_random() % 3)) {
    unsigned places = (unsigned)(test_random() % (PUR_FIXED_PLACES + 1));
    int64_t value = i % 5 == 0 ? i * 1000 : i, size = value < 0 ? -value : value;
    pur_fixed back, scaled;
    char want[64], text[PUR_FIXED_SIZE];
    size_t length, most;
    most = (size_t)snprintf(want, sizeof want, "%s%llu.%0*llu", value < 0 ? "-" : "",
                            (unsigned long long)((uint64_t)size / pur_tens[places]),
                            (int)(places > 0 ? places : 1),
                            (unsigned long long)((uint64_t)size % pur_tens[places]));
    while (want[most - 1] == '0') most--;
    if (want[most - 1] == '.') most--;
    length = (size_t)(pur_fixed_write(text, value, places) - text);
    EXPECT(length == most && memcmp(text, want, most) == 0, "%.*s instead of %.*s", (int)length,
           text, (int)most, want);
    EXPECT(pur_fixed_read(text, length, &back), "%.*s", (int)length, text);
    scaled = back;
    EXPECT(pur_fixed_scale(&scaled, places) && scaled.value == value, "%.*s", (int)length, text);
  }
}

static void test_scale(void) {
  pur_fixed number = {PUR_FIXED_MOST / 10, 0};
  EXPECT(pur_fixed_scale(&number, 1) && number.value == PUR_FIXED_MOST - 9, "%lld",
         (long long)number.value);
  EXPECT(!pur_fixed_scale(&number, 2) && number.places == 1, "19 digits fit");
  EXPECT(!pur_fixed_scale(&number, 12) && number.value == PUR_FIXED_MOST - 9, "29 digits fit");
  number = (pur_fixed){-PUR_FIXED_MOST, 0};
  EXPECT(!pur_fixed_scale(&number, 1), "19 digits fit");
  EXPECT(pur_fixed_scale(&number, 0) && number.value == -PUR_FIXED_MOST, "not itself");
}

/* The text of what a double becomes is what the double is written as by its digits alone. */
static void expect_double(double value) {
  pur_fixed number;
  char text[PUR_FIXED_SIZE], *end;
  if (!pur_fixed_from_double(value, &number)) return;
  end = pur_fixed_write(text, number.value, number.places);
  *end = '\0';
  EXPECT(strtod(text, NULL) == value, "%s for %.17g", text, value);
  EXPECT(end - text <= 17, "%s has more than 15 digits", text);
}

static void test_doubles(void) {
  static const double fitting[] = {
      0,       1, -1, 0.1, 12.345, -12.345, 0.000001, 1e14, 1e11, 999999999999999.0, 999999.999999,
      123456.7};
  static const double others[] = {
      -0.0,      1e-7, 1.0 / 3, 0.1 + 0.2,          1e15,      1e300, INFINITY,
      -INFINITY, NAN,  5e-324,  1234567890123456.0, 1e9 + 1e-6};
  pur_fixed number;
  for (size_t i = 0; i < sizeof fitting / sizeof *fitting; i++) {
    EXPECT(pur_fixed_from_double(fitting[i], &number), "%.17g is refused", fitting[i]);
    expect_double(fitting[i]);
  }
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    EXPECT(!pur_fixed_from_double(others[i], &number), "%.17g is taken", others[i]);
  for (int i = 0; i < 1000000; i++) {
    uint64_t bits = test_random();
    double value;
    memcpy(&value, &bits, sizeof value);
    expect_double(value);
    expect_double((double)(int64_t)(bits >> (i % 40 + 10)) / 1000);
    expect_double((double)((int64_t)bits >> (i % 40 + 20)) / 1e6);
  }
}

int main(void) {
  test_read();
  test_write();
  test_round_trip();
  test_scale();
  test_doubles();
  return test_result();
}
