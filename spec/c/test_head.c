/* head.c: lines of answers in, header fields out; and which answers must not go on. */
#include <string.h>

#include "http/transfer.h"
#include "test.h"

#define LIMIT 1000

static pur_head head;

/* Takes the lines of a text; false as soon as one is refused. */
static bool take(const char *text) {
  while (*text != '\0') {
    size_t length = strcspn(text, "\n");
    if (text[length] == '\n') length++;
    if (!pur_head_take(&head, text, length)) return false;
    text += length;
  }
  return true;
}

static bool take_anew(const char *text) {
  pur_head_clear(&head);
  return take(text);
}

/* The lines of all fields, each with a `;` for its line end. */
static const char *fields(void) {
  static char text[2 * LIMIT];
  size_t length = 0;
  for (size_t i = 0; i < head.lines.length; i++) {
    if (head.lines.data[i] == '\r') continue;
    text[length++] = head.lines.data[i] == '\n' ? ';' : head.lines.data[i];
  }
  text[length] = '\0';
  return text;
}

static void expect_fields(const char *answer, const char *expected) {
  EXPECT(take_anew(answer), "%s", answer);
  EXPECT(strcmp(fields(), expected) == 0, "%s, not %s, of %s", fields(), expected, answer);
}

#define OK "HTTP/1.1 200 OK\r\n"

static void test_fields(void) {
  expect_fields(OK "\r\n", "");
  expect_fields(OK "A: 1\r\nb:2\r\n\r\n", "A: 1;b:2;");
  expect_fields(OK "A: 1\nb:2\n\n", "A: 1;b:2;");
  expect_fields(OK "A:\t 1 2 \t\r\nEmpty:\r\nColon: a:b\r\n\r\n", "A:\t 1 2 \t;Empty:;Colon: a:b;");
  expect_fields(OK "no colon\r\n: no name\r\nA: 1\r\n\r\n", "no colon;: no name;A: 1;");
  expect_fields(OK "A: 1\r\n  folded\r\n\tagain\r\nB: 2\r\n\r\n", "A: 1  folded\tagain;B: 2;");
  expect_fields(OK " folded onto nothing\r\nA: 1\r\n\r\n", " folded onto nothing;A: 1;");
  expect_fields("HTTP/2 200 \r\nA: 1\r\n\r\n", "A: 1;");
}

static void test_end(void) {
  take_anew("");
  EXPECT(!head.begun && !head.complete, "an empty head has begun");
  take_anew("not HTTP\r\nA: 1\r\n\r\n");
  EXPECT(!head.begun && !head.complete && *fields() == '\0', "fields before a status line");
  take_anew(OK "A: 1\r\n");
  EXPECT(head.begun && !head.complete, "complete without its empty line");
  take("\r\n");
  EXPECT(head.begun && head.complete, "not complete after it");
}

static void test_interim(void) {
  expect_fields("HTTP/1.1 100 Continue\r\nA: 0\r\n\r\n" OK "B: 1\r\n\r\n", "B: 1;");
  expect_fields("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100\r\n\r\n" OK "B: 1\r\n\r\n",
                "B: 1;");
  EXPECT(head.complete, "not complete after interim answers");
  EXPECT(take_anew("HTTP/1.1  103 two spaces\r\n\r\n"), "refused");
  EXPECT(!head.complete, "complete after nothing but an interim answer");
  EXPECT(!take_anew("HTTP/1.1 103\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), "taken");
  EXPECT(take_anew("HTTP/1.1 103\r\nContent-Length: 1\r\n\r\n" OK "Content-Length: 2\r\n\r\n"),
         "the length of another answer counts");
}

static void test_trailers(void) {
  expect_fields(OK "A: 1\r\n\r\nContent-Length: 3\r\nB: 2\r\n\r\n", "A: 1;");
  expect_fields(OK "A: 1\r\n\r\n" OK "B: 2\r\n\r\n", "A: 1;");
  expect_fields(OK "A: 1\r\nHTTP/1.1 500 x: y\r\n\r\n", "A: 1;HTTP/1.1 500 x: y;");
}

static void expect_sound(const char *lines, bool sound) {
  char answer[LIMIT];
  snprintf(answer, sizeof answer, OK "%s\r\n\r\n", lines);
  EXPECT(take_anew(answer) == sound, "%s", lines);
  EXPECT(head.unsound == !sound, "%s", lines);
}

static void test_framing(void) {
  expect_sound("Content-Length: 5", true);
  expect_sound("Content-Length: 0", true);
  expect_sound("Content-Length: 999999999999999999", true);
  expect_sound("Content-Length: 5\r\ncontent-length:5", true);
  expect_sound("Content-Length: 5\r\nX: y\r\ncontent-length: 6", false);
  expect_sound("Content-Length: 5\r\nContent-Length: 05", false);
  expect_sound("Content-Length: 5, 5", false);
  expect_sound("Content-Length: 5, 6", false);
  expect_sound("Content-Length: -1", false);
  expect_sound("Content-Length: +5", false);
  expect_sound("Content-Length: 0x10", false);
  expect_sound("Content-Length: 5 6", false);
  expect_sound("Content-Length: 1e3", false);
  expect_sound("Content-Length:", false);
  expect_sound("Content-Length: 9999999999999999999", false);
  expect_sound("X-Content-Length: x", true);
  expect_sound("Transfer-Encoding: chunked", true);
  expect_sound("transfer-encoding: Chunked", true);
  expect_sound("Transfer-Encoding: chunked\r\nContent-Length: 5", true);
  expect_sound("Transfer-Encoding: chunked, chunked", false);
  expect_sound("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", false);
  expect_sound("Transfer-Encoding: gzip, chunked", false);
  expect_sound("Transfer-Encoding: identity", false);
  expect_sound("Transfer-Encoding:", false);
}

static void test_limit(void) {
  char line[LIMIT];
  memset(line, 'x', sizeof line);
  memcpy(line, "A: ", 3);
  take_anew(OK "B: 1\r\n");
  EXPECT(pur_head_take(&head, line, LIMIT - 8),
         "refused at the limit"); /* "B: 1" and two line ends */
  EXPECT(head.lines.length == LIMIT, "%zu bytes", head.lines.length);
  take_anew(OK "B: 1\r\n");
  EXPECT(!pur_head_take(&head, line, LIMIT - 7), "taken beyond the limit");
  EXPECT(head.lines.status == PUR_TOO_LARGE, "%s", pur_status_name(head.lines.status));
  expect_fields(OK "C: 3\r\n\r\n", "C: 3;");
}

/* Whatever comes: nothing is read outside of its line (the sanitizers look), and no line holds a
 * line end. */
static void test_anything(void) {
  static const char *const pieces[] = {
      "HTTP/1.1 200", "HTTP/1.1 100", "\r\n",           "\n", ":",       " ",  "a",
      "\t",           "\r",           "Content-Length", "5",  "chunked", "\0", "HTTP/"};
  for (int round = 0; round < 100000; round++) {
    char line[64];
    size_t length = 0;
    char *exact;
    for (int i = 0; i < 3; i++) {
      const char *piece = pieces[test_random() % (sizeof pieces / sizeof *pieces)];
      size_t size = *piece == '\0' ? 1 : strlen(piece);
      memcpy(line + length, piece, size);
      length += size;
    }
    exact = malloc(length);
    memcpy(exact, line, length);
    if (!pur_head_take(&head, exact, length)) pur_head_clear(&head);
    free(exact);
    for (size_t i = 0; i < head.lines.length; i++)
      EXPECT(head.lines.data[i] != '\n' || head.lines.data[i - 1] == '\r', "a line end in a line");
  }
}

int main(void) {
  pur_head_init(&head, LIMIT);
  test_fields();
  test_end();
  test_interim();
  test_trailers();
  test_framing();
  test_limit();
  test_anything();
  pur_head_free(&head);
  return test_result();
}
