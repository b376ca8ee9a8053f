-- e·sios (Red Eléctrica): an indicator as its API gives it, JSON, or as its page saves it, CSV. Instants, MW.
return {
  list = "/indicator/values",
  datetime = "datetime",
  value = "value",
  tz = "Europe/Madrid",
}
