// Description: what the API's document says of one route, beside its method and path. A value.
// It cannot be made without what the route does and what it answers, so that a row of the route
// table that lacks them does not compile. Schemas and parameters are keys of components.json;
// those that are not there fail a test.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::api::openapi {

// Keys of components.parameters.
using Parameters = std::vector<std::string_view>;

struct Description {
  // `what_it_does` is one sentence.
  Description(std::string_view what_it_does, std::string_view what_it_answers)
      : summary(what_it_does), answer(what_it_answers) {}

  // A group of parameters that several routes have, and those of this one.
  Description Takes(Parameters group, const Parameters& more = {}) && {
    parameters = std::move(group);
    parameters.insert(parameters.end(), more.begin(), more.end());
    return std::move(*this);
  }
  Description Body(std::string_view schema) && {
    request_schema = schema;
    return std::move(*this);
  }
  // Statuses beside 200 that come with the same answer.
  Description AlsoWith(std::vector<int> more) && {
    statuses.insert(statuses.end(), more.begin(), more.end());
    return std::move(*this);
  }
  // Headers that an answer has whatever the parameters are: keys of components.headers.
  Description Carries(std::vector<std::string_view> names) && {
    headers = std::move(names);
    return std::move(*this);
  }
  // A parameter turns the JSON into plain text.
  Description OrText() && {
    or_text = true;
    return std::move(*this);
  }
  // Statuses of errors beside 400, and 413 for what has a body.
  Description Fails(std::vector<int> with) && {
    errors = std::move(with);
    return std::move(*this);
  }

  std::string_view summary;
  std::string_view answer;  // kNothing, kText, kBytes, a schema, or "Schema[]" for a list of it
  std::vector<int> statuses = {200};
  std::vector<std::string_view> headers;
  bool or_text = false;
  Parameters parameters;
  std::string_view request_schema;  // empty: no body; kBytes; or a schema
  std::vector<int> errors;
};

inline constexpr std::string_view kNothing;
inline constexpr std::string_view kText = "text";  // of answers
inline constexpr std::string_view kBytes = "bytes";

}  // namespace rollcall::api::openapi
