-- ENTSO-E's transparency platform: the day-ahead load forecast of Spain in MW. A time is an interval, of which the
-- beginning counts; where nobody told a value, it is empty. Another area, or the load as it was, is another `value`,
-- named as the header has it.
return {
  delimiter = ",",
  null = { "-", "n/e" },
  datetime = { column = "Time (CET/CEST)", date = "%d.%m.%Y %H:%M %*" },
  value = "Day-ahead Total Load Forecast [MW] - BZN|ES",
  tz = "Europe/Madrid",
}
