#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Small enough to stay in a near cache between being read and parsed. */
#define BLOCK ((size_t)64 * 1024)

void pur_input_init(pur_input *input) {
  *input = (pur_input){.last = true, .file = -1};
}

pur_status pur_input_open(pur_input *input, const char *path, pur_error *error) {
  bool standard = strcmp(path, "-") == 0;
  const char *quote = standard ? "" : "'";
  char nothing;
  pur_input_init(input);
  input->file =
      standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
  /* A folder opens well and fails only when it is read. */
  if (input->file < 0 || read(input->file, &nothing, 0) < 0) {
    pur_status status =
        pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot read %s%s%s: %s", quote,
                      standard ? "standard input" : path, quote, strerror(errno));
    pur_input_close(input);
    return status;
  }
  input->last = false;
  return PUR_OK;
}

void pur_input_close(pur_input *input) {
  if (input->file >= 0) (void)close(input->file);
  pur_buffer_free(&input->window);
  pur_input_init(input);
}

uint64_t pur_input_size(const pur_input *input) {
  struct stat about;
  return fstat(input->file, &about) == 0 ? (uint64_t)about.st_size : 0;
}

pur_status pur_input_more(pur_input *input, pur_error *error) {
  size_t unread = pur_input_unread(input), got = 0;
  char *room;
  if (input->last) return PUR_END;
  /* Moves what is unread to the front, and makes room for a block behind it. */
  if (unread > 0 && input->start != input->window.data)
    memmove(input->window.data, input->start, unread);
  input->window.length = unread;
  input->window.status = PUR_OK; /* memory that was short once may be there now */
  room = pur_buffer_reserve(&input->window, BLOCK + PUR_INPUT_SLACK);
  input->start = input->window.data;
  input->end = input->start + unread;
  if (room == NULL) return pur_error_no_memory(error);
  while (got < BLOCK) {
    ssize_t count = read(input->file, room + got, BLOCK - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      return pur_error_set(error, PUR_FILE_UNREADABLE, 0, "cannot read on: %s", strerror(errno));
    if (count == 0) break;
    got += (size_t)count;
  }
  memset(room + got, 0, PUR_INPUT_SLACK);
  input->window.length += got;
  input->end += got;
  input->last = got < BLOCK;
  return got > 0 ? PUR_OK : PUR_END;
}

pur_status pur_input_all(pur_input *input, pur_error *error) {
  pur_status status;
  do status = pur_input_more(input, error);
  while (status == PUR_OK);
  return status == PUR_END ? PUR_OK : status;
}
