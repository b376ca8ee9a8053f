-- F5D, SIMEL's file of a supply point's hours: no header; the supply point, the end of the hour, 1 in summer time, kWh.
return {
  delimiter = ";",
  header = false,
  datetime = { column = 2, date = "%Y/%m/%d %H:%M", dst = { column = 3, is = "1" } },
  value = { column = 4, unit = "kWh" },
  label = "end",
  resolution = 60,
  tz = "Europe/Madrid",
}
