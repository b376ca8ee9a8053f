/* For LD_PRELOAD: writes to standard error what libcurl is told of signals, protocols and kept
 * connections. */
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

#undef curl_easy_setopt

CURLcode curl_easy_setopt(CURL *easy, CURLoption option, ...) {
  CURLcode (*set)(CURL *, CURLoption, ...) = NULL;
  va_list list;
  void *value;
  va_start(list, option);
  value = va_arg(list, void *);
  va_end(list);
  *(void **)&set = dlsym(RTLD_NEXT, "curl_easy_setopt");
  if (option == CURLOPT_NOSIGNAL) fprintf(stderr, "NOSIGNAL %ld\n", (long)value);
  if (option == CURLOPT_FORBID_REUSE) fprintf(stderr, "FORBID_REUSE %ld\n", (long)value);
#if LIBCURL_VERSION_NUM >= 0x075500
  if (option == CURLOPT_PROTOCOLS_STR) fprintf(stderr, "PROTOCOLS %s\n", (char *)value);
#else
  if (option == CURLOPT_PROTOCOLS && (long)value == (CURLPROTO_HTTP | CURLPROTO_HTTPS))
    fprintf(stderr, "PROTOCOLS http,https\n");
#endif
  return set(easy, option, value);
}
