#include "map/exact.h"
