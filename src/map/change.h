/* The hours in which clocks are put forward or back: one that they skip, and one that they show
 * twice, which the order of the rows tells apart, or a column does (`dst` of a map). */
#ifndef PURCHASES_MAP_CHANGE_H
#define PURCHASES_MAP_CHANGE_H

#include "base/issues.h"
#include "map/map.h"

#define PUR_CHANGE_DETAIL 256

/* Says of a label (minutes) what to do about it: no time has it, or two have, the `candidates`
 * (seconds). `ends`: labels name where an interval ends. */
void pur_change_explain(const pur_timezone *zone, bool is_gap, bool ends, int64_t label,
                        const int64_t candidates[2], char detail[PUR_CHANGE_DETAIL]);

/* The rows of an hour that comes twice, as they come. */
typedef struct pur_twice {
  size_t rows;         /* so far; 0: the row read last was not of such an hour */
  pur_place first;     /* of the first of them */
  int64_t label, last; /* of the first of them and of the latest, minutes */
  int64_t end;         /* instant of the latest, were it of the second hour, minutes */
  size_t half;         /* rows before the first label came again; 0: it did not */
  int64_t half_end;    /* the label of the last of these */
  bool is_paired;      /* the hours stand in each other: 02:00, 02:00, 02:15, 02:15 */
  struct {
    signed char which; /* what the column says of all of its rows; 0: not one thing */
    char shown[40];    /* its cell in the first of them */
  } hours[2];
} pur_twice;

/* Takes a row of such an hour: its label, and its instant, were it of the second hour (minutes);
 * what the column says of it; and the issues of the rows before. `known`: so many rows of the hour
 * stand right before it, where it is the first that comes here; -1: what stands there is not what
 * must. */
void pur_twice_take(pur_twice *twice, const pur_place *place, int64_t label, int64_t end, int known,
                    const pur_map_time *time, pur_issues *issues);

/* Judges the hour, of which no more row comes, and forgets it. True: something is wrong with the
 * whole of it, which `detail` tells; the issues about the order of its rows are taken back. */
bool pur_twice_leave(pur_twice *twice, const pur_map_series *map, pur_issues *issues,
                     char detail[PUR_CHANGE_DETAIL]);

#endif
