-- Datadis: one supply point's consumption in kWh an hour, which is labelled by its end, 01:00 to 24:00. A file of
-- quarter-hours is read by it, too, with `resolution = 15`. A file of several supply points needs
-- `where = { cups = "ES..." }`.
return {
  delimiter = ";",
  decimal = ",",
  datetime = { column = { "fecha", "hora" }, date = "%Y/%m/%d %H:%M" },
  value = { column = "consumo_kWh", unit = "kWh" },
  label = "end",
  resolution = 60,
  tz = "Europe/Madrid",
}
