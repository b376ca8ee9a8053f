-- OMIE, the Iberian day-ahead market since 2025-10: two lines of title, periods of a day, decimal commas. What was
-- bought, in MW; a day has 92, 96 or 100 quarter-hours.
return {
  encoding = "latin1",
  delimiter = ";",
  decimal = ",",
  header = 3,
  datetime = { column = "Fecha", date = "%d/%m/%Y", period = "Periodo" },
  value = "Potencia total de compra (MW)",
  tz = "Europe/Madrid",
}
