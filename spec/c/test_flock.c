/* ledger/lock.h where a system has no locks of open files: the same tests. */
#include <fcntl.h>

#undef F_OFD_SETLK
#include "test_lock.c"
