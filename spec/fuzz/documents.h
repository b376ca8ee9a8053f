/* How fuzzers change the documents that they begin with, and how they are run. Before this stand
 * `seeds`, texts, SEEDS of them; `seed_length(seed)`; `write_seed(data, number)`, which makes a
 * document of at most ROOM bytes and returns its length; INTACT, how many different ones it makes;
 * and LETTERS, a literal: what documents are made of. */
#ifndef PURCHASES_FUZZ_DOCUMENTS_H
#define PURCHASES_FUZZ_DOCUMENTS_H

/* Bytes are changed, left out, put in, and stretches of another seed laid over. */
static size_t mutate(uint8_t *data, size_t size, size_t room) {
  static const char letters[] = LETTERS;
  size_t at = test_random() % size, run = 1 + test_random() % 20;
  const char *other = seeds[test_random() % SEEDS];
  switch (test_random() % 5) {
  case 0:
    data[at] = (uint8_t)letters[test_random() % (sizeof letters - 1)];
    return size;
  case 1:
    if (size == 1) return size;
    memmove(data + at, data + at + 1, size - at - 1);
    return size - 1;
  case 2:
    if (size + run > room) return size;
    memmove(data + at + run, data + at, size - at);
    return size + run;
  case 3:
    if (run > size - at) run = size - at;
    if (run > seed_length(other)) run = seed_length(other);
    memcpy(data + at, other + test_random() % (seed_length(other) - run + 1), run);
    return size;
  default:
    data[at] = data[test_random() % size];
    return size;
  }
}

#ifdef PUR_LIBFUZZER

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random);

/* It need not find out by itself what a document looks like. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned random) {
  if (room >= ROOM && (size <= 1 || random % 64 == 0)) return write_seed(data, random / 64);
  return random % 2 == 0 ? mutate(data, size, room) : LLVMFuzzerMutate(data, size, room);
}

#else

int main(int count, char **arguments) {
  unsigned long rounds = count > 1 ? strtoul(arguments[1], NULL, 10) : 300000;
  uint8_t data[ROOM];
  for (unsigned long i = 0; i < rounds; i++) {
    size_t size = write_seed(data, i);
    if (i >= INTACT)
      for (uint64_t changes = test_random() % 6; changes > 0; changes--)
        size = mutate(data, size, sizeof data);
    (void)LLVMFuzzerTestOneInput(data, size);
  }
  return test_result();
}

#endif

#endif
