/* http.h across a fork: a child cannot use its parent's pool, and leaving it harms nothing. */
#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "http/pool.h"
#include "test.h"

/* A server in a process of its own, one connection after the other: the answer to every request is
 * the connection's number, after 0.2 seconds. */

static bool read_request(int peer) {
  static char data[4096];
  size_t length = 0;
  while (length < 4 || memcmp(data + length - 4, "\r\n\r\n", 4) != 0) {
    ssize_t count = read(peer, data + length, sizeof data - length);
    if (count <= 0) return false;
    length += (size_t)count;
  }
  return true;
}

static _Noreturn void serve(int listener) {
  for (int number = 1;; number++) {
    int peer = accept(listener, NULL, NULL);
    while (read_request(peer)) {
      usleep(200000);
      dprintf(peer, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d", number);
    }
    close(peer);
  }
}

static unsigned port;

static pid_t start_server(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  pid_t server;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 5) != 0) exit(1);
  (void)getsockname(listener, (struct sockaddr *)&address, &size);
  port = ntohs(address.sin_port);
  server = fork();
  if (server == 0) serve(listener);
  close(listener);
  return server;
}

static uint64_t add(pur_pool *pool) {
  char url[64];
  uint64_t id = 0;
  pur_error error = {.status = PUR_OK};
  pur_request request = {
      .method = "GET", .url = url, .timeout = 5, .connect_timeout = 5, .proxy = "", .max_body = 10};
  snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
  EXPECT(pur_pool_add(pool, &request, &id, &error) == PUR_OK, "%s", error.message);
  return id;
}

/* Waits for the only transfer: which connection answered it? 0: none. */
static int wait_for_answer(pur_pool *pool) {
  const pur_response *response = NULL;
  size_t running = 1;
  while (running > 0 && (response = pur_pool_take(pool)) == NULL) {
    (void)pur_pool_poll(pool, 1, NULL);
    (void)pur_pool_step(pool, &running, NULL);
  }
  if (response == NULL) response = pur_pool_take(pool);
  if (response == NULL || response->status != 200) return 0;
  return response->body.data[0] - '0';
}

static void expect_forked(pur_status status, const char *call) {
  EXPECT(status == PUR_FORKED, "%s gives %s", call, pur_status_name(status));
}

static void use_as_child(pur_pool *pool) {
  pur_request request = {
      .method = "GET", .url = "http://127.0.0.1/", .timeout = 1, .connect_timeout = 1};
  size_t running;
  uint64_t id;
  expect_forked(pur_pool_add(pool, &request, &id, NULL), "add");
  expect_forked(pur_pool_step(pool, &running, NULL), "step");
  expect_forked(pur_pool_poll(pool, 1, NULL), "poll");
  pur_pool_destroy(pool);
}

static void use_own_pool(void) {
  pur_pool *own = NULL;
  pur_request request = {.method = "GET",
                         .url = "http://127.0.0.1:1/",
                         .timeout = 1,
                         .connect_timeout = 1,
                         .proxy = ""};
  uint64_t id = 0;
  EXPECT(pur_pool_new(&own, NULL) == PUR_OK, "no pool of its own");
  EXPECT(pur_pool_add(own, &request, &id, NULL) == PUR_OK, "its own pool adds nothing");
  EXPECT(wait_for_answer(own) == 0, "an answer from a closed port");
  pur_pool_destroy(own);
}

/* Runs the child's part and waits for its end. */
static void in_child(pur_pool *pool) {
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    use_as_child(pool);
    use_own_pool();
    fflush(stderr);
    _exit(test_result());
  }
  EXPECT(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
         "status %d of the child", status);
}

int main(void) {
  pur_pool *pool = NULL;
  pid_t server = start_server();
  EXPECT(pur_pool_new(&pool, NULL) == PUR_OK, "no pool");
  add(pool);
  EXPECT(wait_for_answer(pool) == 1, "no answer");
  in_child(pool); /* while its connection is idle */
  add(pool);
  EXPECT(wait_for_answer(pool) == 1, "not the same connection");
  add(pool);
  (void)pur_pool_step(pool, &(size_t){0}, NULL);
  in_child(pool); /* while a request is on its way */
  EXPECT(wait_for_answer(pool) == 1, "not the same connection");
  pur_pool_destroy(pool);
  kill(server, SIGKILL);
  (void)waitpid(server, NULL, 0);
  return test_result();
}
