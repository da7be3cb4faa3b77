// The part of the API's description that does not come from the route table: components.json, put
// into the program when it is built. Any thread.
#pragma once

#include <string_view>

namespace rollcall::api::openapi {

std::string_view ComponentsText();

}  // namespace rollcall::api::openapi
