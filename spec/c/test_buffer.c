/* buffer.h: growth, the cap, and the failure that sticks. */
#include <stdbool.h>
#include <string.h>

#include "base/buffer.h"
#include "test.h"

static bool holds(const pur_buffer *buffer, const char *text) {
  return buffer->length == strlen(text) && memcmp(buffer->data, text, buffer->length) == 0;
}

static void test_append(void) {
  pur_buffer buffer;
  pur_buffer_init(&buffer, 0);
  EXPECT(buffer.data == NULL && buffer.length == 0, "%zu", buffer.length);
  pur_buffer_append(&buffer, NULL, 0);
  EXPECT(buffer.data == NULL, "nothing was appended, and memory taken");
  pur_buffer_append(&buffer, "abc", 3);
  pur_buffer_append(&buffer, "", 0);
  pur_buffer_append_literal(&buffer, "d\0e");
  EXPECT(buffer.length == 6 && memcmp(buffer.data, "abcd\0e", 6) == 0, "%zu", buffer.length);
  pur_buffer_free(&buffer);
  EXPECT(buffer.data == NULL && buffer.length == 0 && buffer.capacity == 0, "%zu", buffer.capacity);
  pur_buffer_append(&buffer, "again", 5);
  EXPECT(holds(&buffer, "again"), "%zu", buffer.length);
  pur_buffer_free(&buffer);
}

/* What was written before it grows is there afterwards; the memory doubles, so it moves seldom. */
static void test_growth(void) {
  pur_buffer buffer;
  unsigned moves = 0;
  pur_buffer_init(&buffer, 0);
  for (size_t i = 0; i < 100000; i++) {
    size_t capacity = buffer.capacity;
    char byte = (char)(i * 7);
    pur_buffer_append(&buffer, &byte, 1);
    moves += buffer.capacity != capacity;
  }
  EXPECT(moves <= 10, "moved %u times", moves);
  for (size_t i = 0; i < 100000; i++)
    EXPECT(buffer.data[i] == (char)(i * 7), "byte %zu is %d", i, buffer.data[i]);
  pur_buffer_free(&buffer);
}

static void test_reserve(void) {
  pur_buffer buffer;
  char *room;
  pur_buffer_init(&buffer, 0);
  room = pur_buffer_reserve(&buffer, 1000);
  EXPECT(room == buffer.data && buffer.length == 0 && buffer.capacity >= 1000, "%zu",
         buffer.capacity);
  memset(room, 'x', 1000);
  buffer.length += 10;
  EXPECT(pur_buffer_reserve(&buffer, 990) == buffer.data + 10, "room that is there is not used");
  EXPECT(holds(&buffer, "xxxxxxxxxx"), "%zu", buffer.length);
  pur_buffer_free(&buffer);
}

static void test_cap(size_t limit) {
  pur_buffer buffer;
  pur_error error;
  char *text = malloc(limit + 1);
  if (text == NULL) abort();
  memset(text, 'x', limit + 1);
  pur_buffer_init(&buffer, limit);
  pur_buffer_append(&buffer, text, limit);
  EXPECT(pur_buffer_check(&buffer, &error) == PUR_OK, "%zu bytes: %s", limit, error.message);
  EXPECT(buffer.length == limit && buffer.capacity <= limit, "%zu of %zu", buffer.capacity, limit);
  pur_buffer_append(&buffer, "", 0);
  EXPECT(buffer.status == PUR_OK, "nothing was too much");
  pur_buffer_append(&buffer, "y", 1);
  EXPECT(pur_buffer_check(&buffer, &error) == PUR_TOO_LARGE, "%zu", limit);
  EXPECT(error.position == limit, "position %zu", error.position);
  EXPECT(strstr(error.message, "more than") != NULL, "%s", error.message);
  EXPECT(buffer.length == limit && (limit == 0 || buffer.data[limit - 1] == 'x'), "%zu",
         buffer.length);
  pur_buffer_free(&buffer);
  pur_buffer_append(&buffer, text, limit + 1);
  EXPECT(buffer.status == PUR_TOO_LARGE, "the cap is gone after free: %zu", limit);
  pur_buffer_free(&buffer);
  free(text);
}

/* After the first failure nothing is added, not even what would fit, until it is cleared. */
static void test_sticky(void) {
  pur_buffer buffer;
  pur_buffer_init(&buffer, 10);
  pur_buffer_append(&buffer, "12345", 5);
  pur_buffer_append(&buffer, "123456", 6);
  pur_buffer_append(&buffer, "1", 1);
  EXPECT(pur_buffer_reserve(&buffer, 1) == NULL, "room after a failure");
  EXPECT(pur_buffer_reserve(&buffer, 0) == NULL, "room after a failure");
  EXPECT(pur_buffer_check(&buffer, NULL) == PUR_TOO_LARGE, "%s", pur_status_name(buffer.status));
  EXPECT(holds(&buffer, "12345"), "%zu", buffer.length);
  pur_buffer_clear(&buffer);
  EXPECT(buffer.length == 0 && buffer.capacity > 0, "%zu", buffer.capacity);
  pur_buffer_append(&buffer, "1234567890", 10);
  EXPECT(pur_buffer_check(&buffer, NULL) == PUR_OK && holds(&buffer, "1234567890"), "%zu",
         buffer.length);
  pur_buffer_free(&buffer);
}

/* Sizes that would wrap around are too large, not small. */
static void test_huge(void) {
  pur_buffer buffer;
  pur_buffer_init(&buffer, 0);
  pur_buffer_append(&buffer, "12345", 5);
  EXPECT(pur_buffer_reserve(&buffer, SIZE_MAX - 4) == NULL, "room for everything");
  EXPECT(buffer.status == PUR_TOO_LARGE && holds(&buffer, "12345"), "%zu", buffer.length);
  pur_buffer_free(&buffer);
}

/* Against a plain array. */
static void test_random_appends(void) {
  static char model[4000], bytes[600];
  for (int round = 0; round < 2000; round++) {
    size_t limit = 1 + test_random() % sizeof model, length = 0;
    bool failed = false;
    pur_buffer buffer;
    pur_buffer_init(&buffer, limit);
    for (int i = 0; i < 20; i++) {
      size_t size = test_random() % sizeof bytes;
      memset(bytes, 'a' + i, size);
      pur_buffer_append(&buffer, bytes, size);
      failed = failed || size > limit - length;
      if (failed) continue;
      memcpy(model + length, bytes, size);
      length += size;
    }
    EXPECT(buffer.length == length && (length == 0 || memcmp(buffer.data, model, length) == 0),
           "%zu bytes instead of %zu", buffer.length, length);
    EXPECT((buffer.status == PUR_TOO_LARGE) == failed, "%s", pur_status_name(buffer.status));
    EXPECT(buffer.capacity <= limit, "%zu of %zu", buffer.capacity, limit);
    pur_buffer_free(&buffer);
  }
}

/* What is not used is given back, unless it is little. */
static void test_fit(void) {
  pur_buffer buffer;
  pur_buffer_init(&buffer, 0);
  pur_buffer_fit(&buffer);
  EXPECT(buffer.data == NULL && buffer.capacity == 0, "%zu bytes", buffer.capacity);
  pur_buffer_append(&buffer, "12345", 5);
  pur_buffer_fit(&buffer);
  EXPECT(buffer.capacity > 5, "little was given back");
  (void)pur_buffer_reserve(&buffer, 10000);
  pur_buffer_fit(&buffer);
  EXPECT(buffer.capacity == 5 && holds(&buffer, "12345"), "%zu bytes", buffer.capacity);
  pur_buffer_append(&buffer, "6", 1);
  EXPECT(holds(&buffer, "123456"), "%zu bytes", buffer.length);
  pur_buffer_free(&buffer);
}

int main(void) {
  static const size_t limits[] = {1, 2, 255, 256, 257, 1000, 100000};
  test_append();
  test_growth();
  test_reserve();
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) test_cap(limits[i]);
  test_sticky();
  test_huge();
  test_random_appends();
  test_fit();
  return test_result();
}
