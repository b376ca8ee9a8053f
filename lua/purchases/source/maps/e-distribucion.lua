-- e-distribución: one supply point's consumption in kWh an hour; the hours of a day are counted, 1 to 23, 24 or 25.
return {
  delimiter = ";",
  decimal = ",",
  datetime = { column = "Fecha", date = "%d/%m/%Y", period = "Hora" },
  value = { column = "AE_kWh", unit = "kWh" },
  resolution = 60,
  tz = "Europe/Madrid",
}
