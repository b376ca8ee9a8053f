-- Collects all garbage every few instructions: what is used after its owner is gone shows.
local INSTRUCTIONS = 1000

if rawget(_G, "jit") then
  jit.off() -- compiled code runs no hooks
end
debug.sethook(function()
  collectgarbage()
end, "", INSTRUCTIONS)
