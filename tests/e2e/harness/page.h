// A page of documentation, so that what it tells people to write is run as it stands there.
#pragma once

#include <string>

namespace rollcall::e2e {

// The only block of code in `language` of the page at `path` that has `words` in it. A test failure
// when there is none or more than one.
std::string BlockOf(const std::string& path, const std::string& language, const std::string& words);

// `text` with `from`, which must be in it, replaced everywhere.
std::string With(std::string text, const std::string& from, const std::string& to);

// That the page at `path` has a row for each metric of a text for Prometheus, with its type. How
// many metrics there are.
int ExpectMetricsOnPage(const std::string& metrics, const std::string& path);

}  // namespace rollcall::e2e
