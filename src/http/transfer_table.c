#include "http/transfer.h"

size_t pur_pool_slot(uint64_t id) {
  return (size_t)id & (PUR_TRANSFERS - 1);
}

pur_transfer *pur_transfer_find(const pur_pool *pool, uint64_t id) {
  size_t slot = pur_pool_slot(id);
  pur_transfer *t = slot < pool->count ? pool->transfers[slot] : NULL;
  return t != NULL && t->response.id == id ? t : NULL;
}
