-- Run by ngx.run_worker_thread: a call in a thread beside nginx's event loop.
local M = {}

--- The id of a purchase, and whether this thread could sleep as a request's coroutine can.
function M.submit(opts)
  local client = require("purchases").ravenwits.new(opts)
  local receipt = assert(client:submit(require("spec.support.load").series(2), { retailer_id = "1" }))
  return receipt.id, ngx.sleep ~= nil
end

return M
