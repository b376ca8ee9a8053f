/* What libcurl is told of every transfer that no test could wait for, or see from outside. */
#include <stdarg.h>
#include <string.h>

#include "http/pool.h"
#include "test.h"

#include <curl/curl.h>
#undef curl_easy_setopt

#define OPTIONS 64

static struct told {
  CURLoption option;
  long number;
  const char *text;
} told[OPTIONS];
static size_t told_count;

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);

/* Notes numbers and texts; the linker puts it in libcurl's place. */
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  struct told *next = &told[told_count % OPTIONS];
  CURLcode status;
  va_list arguments;
  va_start(arguments, option);
  memset(next, 0, sizeof *next);
  next->option = option;
  if (option < CURLOPTTYPE_OBJECTPOINT) {
    next->number = va_arg(arguments, long);
    status = __real_curl_easy_setopt(easy, option, next->number);
  } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
    status = __real_curl_easy_setopt(easy, option, va_arg(arguments, curl_off_t));
  } else {
    next->text = va_arg(arguments, const char *);
    status = __real_curl_easy_setopt(easy, option, next->text);
  }
  va_end(arguments);
  told_count++;
  return status;
}

/* The last that it was told of an option. */
static const struct told *find(CURLoption option) {
  static const struct told nothing = {0, -1, "nothing"};
  const struct told *found = &nothing;
  for (size_t i = 0; i < told_count && i < OPTIONS; i++)
    if (told[i].option == option) found = &told[i];
  return found;
}

static long number_of(CURLoption option) {
  return find(option)->number;
}

static void test_transfer(void) {
  pur_request request = {.method = "POST", .url = "http://127.0.0.1:1/", .body = "{}"};
  pur_pool *pool;
  pur_error error;
  uint64_t id;
  request.body_length = 2;
  request.timeout = request.connect_timeout = 1;
  if (pur_pool_new(&pool, &error) != PUR_OK || pur_pool_add(pool, &request, &id, &error) != PUR_OK)
    abort();
  EXPECT(told_count < OPTIONS, "told %zu options", told_count);
  EXPECT(number_of(CURLOPT_NOSIGNAL) == 1, "the host's signals are libcurl's");
  EXPECT(number_of(CURLOPT_MAXAGE_CONN) > 0 && number_of(CURLOPT_MAXAGE_CONN) < 60,
         "%ld seconds: balancers close what is idle for 60", number_of(CURLOPT_MAXAGE_CONN));
  EXPECT(number_of(CURLOPT_SSLVERSION) == CURL_SSLVERSION_TLSv1_2, "%ld",
         number_of(CURLOPT_SSLVERSION));
  EXPECT(number_of(CURLOPT_FOLLOWLOCATION) <= 0, "redirects are followed");
#if LIBCURL_VERSION_NUM >= 0x075500
  EXPECT(strcmp(find(CURLOPT_PROTOCOLS_STR)->text, "http,https") == 0, "%s",
         find(CURLOPT_PROTOCOLS_STR)->text);
#else
  EXPECT(number_of(CURLOPT_PROTOCOLS) == (CURLPROTO_HTTP | CURLPROTO_HTTPS), "%ld",
         number_of(CURLOPT_PROTOCOLS));
#endif
  pur_pool_destroy(pool);
}

int main(void) {
  test_transfer();
  return test_result();
}
