// Programs written in JavaScript, with the packages that tests/e2e/clients/npm/package-lock.json
// names. node and npm must be there; a test that misses them fails.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/harness/process.h"

namespace rollcall::e2e {

// Runs `script` of tests/e2e/clients/npm to its end, at most two minutes. The packages are
// installed before, once for each lock file of a build tree, also when several tests want it at the
// same time.
Finished RunNodeScript(const std::string& script, const std::vector<std::string>& arguments);

}  // namespace rollcall::e2e
