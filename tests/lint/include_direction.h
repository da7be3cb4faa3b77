// The one rule of the layout, as a check on source text: an #include may only point down the layers
//   base <- model <- store <- catalog <- {dns, api};  {base, model, api/http} <- agent
// while cli and the files that hold a main() see everything. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rollcall::lint {

// One broken rule, as "path:line: what is wrong".
using Finding = std::string;

// The layer of a file by its path from the repository's root ("registry/base/result.h" ->
// "registry/base"): the deepest folder that the table of layers knows. Empty for none.
std::string_view LayerOf(std::string_view path);

// What is wrong with the #includes of one file:
// - a quoted #include of a layer that this one may not see, or of no layer at all (paths are
//   written from the repository's root);
// - a library that the layer must do without (the registry opens no socket, the agent holds no
//   RocksDB);
// - a header without `#pragma once`.
std::vector<Finding> CheckFile(std::string_view path, std::string_view text);

}  // namespace rollcall::lint
