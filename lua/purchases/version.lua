--- The one place the version stands in.
return "0.1.0"
