#include "http/transfer.h"

#include <string.h>

/* Microseconds or bytes. */
static curl_off_t amount_of(CURL *easy, CURLINFO info) {
  curl_off_t amount = 0;
  (void)curl_easy_getinfo(easy, info, &amount);
  return amount;
}

static long number_info(CURL *easy, CURLINFO info) {
  long number = 0;
  (void)curl_easy_getinfo(easy, info, &number);
  return number;
}

bool pur_transfer_connected(const pur_transfer *t) {
  return t->guarded ? t->attempts > 0 : amount_of(t->easy, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

/* The size counts what a proxy was asked, too, and misses what did not fit at once: the time is
 * that of the first write's end. */
bool pur_transfer_began(const pur_transfer *t) {
  if (t->guarded && t->attempts == 0) return false;
  return number_info(t->easy, CURLINFO_REQUEST_SIZE) > 0 ||
         amount_of(t->easy, CURLINFO_PRETRANSFER_TIME_T) > 0;
}

/* A proxy that refuses to open a tunnel answers for itself, not for the API. */
static bool proxy_refused(const pur_transfer *t) {
  long status = number_info(t->easy, CURLINFO_HTTP_CONNECTCODE);
  return status != 0 && status / 100 != 2;
}

/* Tells whether this means that libcurl would have sent a request again. */
static bool is_refused_repeat(CURLcode result) {
  return result == CURLE_ABORTED_BY_CALLBACK || result == CURLE_SEND_FAIL_REWIND;
}

static bool sent_body(const pur_transfer *t) {
  return amount_of(t->easy, CURLINFO_SIZE_UPLOAD_T) >= (curl_off_t)t->body_length;
}

static const char *phase_of(const pur_transfer *t, CURLcode result) {
  if (t->response.sent == PUR_SENT_NO) {
    if (amount_of(t->easy, CURLINFO_NAMELOOKUP_TIME_T) == 0) return "dns";
    return t->reached && strncmp(t->origin.data, "https", 5) == 0 ? "tls" : "connect";
  }
  return is_refused_repeat(result) || sent_body(t) ? "receive" : "send";
}

static const char *code_of(const pur_transfer *t, CURLcode result) {
  const pur_response *response = &t->response;
  switch (result) {
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_RESOLVE_PROXY:
    return "name_not_found";
  case CURLE_COULDNT_CONNECT:
    return "cannot_connect";
  case CURLE_OPERATION_TIMEDOUT:
    return "timeout";
  case CURLE_PEER_FAILED_VERIFICATION:
    return "certificate";
  case CURLE_SSL_CACERT_BADFILE:
    return "ca_file";
  case CURLE_SSL_CONNECT_ERROR:
    return "tls";
  case CURLE_WRITE_ERROR:
    if (t->head.unsound) return "invalid_answer";
    if (t->head.lines.status == PUR_NO_MEMORY || response->body.status == PUR_NO_MEMORY)
      return "out_of_memory";
    return "answer_too_large";
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_BAD_FUNCTION_ARGUMENT: /* a line of the head that is none */
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_UNSUPPORTED_PROTOCOL:
    return "invalid_answer";
  case CURLE_URL_MALFORMAT:
    return "invalid_request";
  case CURLE_OUT_OF_MEMORY: /* also what libcurl calls a line of more than 100 KB */
    return t->head.begun && !t->head.complete ? "answer_too_large" : "out_of_memory";
  default:
    return response->sent == PUR_SENT_NO ? "cannot_connect" : "connection_lost";
  }
}

static const char *message_of(pur_transfer *t, CURLcode result) {
  const char *code = t->response.code;
  if (result == CURLE_BAD_CONTENT_ENCODING) return "the answer's body cannot be unpacked whole";
  if (result == CURLE_BAD_FUNCTION_ARGUMENT) return "a line of the answer's head is not one";
  if (t->head.unsound) return "nobody can tell where the answer ends";
  if (strcmp(code, "answer_too_large") == 0) return "the answer is larger than allowed";
  if (is_refused_repeat(result))
    return "the connection was closed before an answer came; the request is not repeated";
  return t->message[0] != '\0' ? t->message : curl_easy_strerror(result);
}

void pur_transfer_note_end(pur_transfer *t, CURLcode result) {
  pur_response *response = &t->response;
  const pur_head *head = &t->head;
  bool unpacked = pur_gzip_end(&t->gzip);
  if (t->folds_nothing) result = CURLE_BAD_FUNCTION_ARGUMENT; /* as a sound libcurl says of it */
  /* Tells apart why we took no more of an answer. */
  if (result == CURLE_WRITE_ERROR && head->packed && !head->unsound &&
      head->lines.status == PUR_OK && response->body.status == PUR_OK)
    result = CURLE_BAD_CONTENT_ENCODING;
  if (result == CURLE_OK && !unpacked) result = CURLE_BAD_CONTENT_ENCODING;
  /* libcurl takes a head that is cut off for a whole one, and more than HTTP for HTTP. */
  if (result == CURLE_OK && !head->complete)
    result = head->begun ? CURLE_PARTIAL_FILE : CURLE_WEIRD_SERVER_REPLY;
  if (result == CURLE_OK) {
    response->status = (int)number_info(t->easy, CURLINFO_RESPONSE_CODE);
    response->sent = PUR_SENT_YES;
    response->unfinished = !sent_body(t);
    return;
  }
  response->curl_code = (int)result;
  if (!proxy_refused(t) && pur_transfer_began(t))
    response->sent = t->head.complete ? PUR_SENT_YES : PUR_SENT_MAYBE;
  response->phase = phase_of(t, result);
  response->code = proxy_refused(t) ? "proxy_refused" : code_of(t, result);
  response->message = message_of(t, result);
}
