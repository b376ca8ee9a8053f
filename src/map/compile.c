#include "map/map.h"

pur_status pur_map_compile(const char *json, size_t length, pur_map_use use, pur_map **map,
                           pur_error *error) {
  (void)json, (void)length, (void)use, (void)map;
  return pur_error_set(error, PUR_INVALID_MAP, 0, "maps are not compiled yet");
}
