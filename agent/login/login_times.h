// When the agent logs in again. Pure functions; `random` is a number in [0, 1), so that agents that
// were started together do not log in together.
#pragma once

#include <chrono>

namespace rollcall::login {

// After a login: at 2/3 of the token's life, a tenth more or less, so that there is time to try
// again while the token is good. At least a second, however short the life.
std::chrono::milliseconds RenewalDelay(std::chrono::milliseconds life, double random);

// After the failures that came one after the other, at least one: from half of to the whole of 1 s,
// 2 s, 4 s ... 1 min.
std::chrono::milliseconds RetryDelay(int failures, double random);
// The same where the file with the JWT could not be read, which costs the registry nothing: up to
// 5 s.
std::chrono::milliseconds RereadDelay(int failures, double random);

}  // namespace rollcall::login
