// The schemas of the records that are filtered: fields, names and operators as in the "Filtering"
// tables of Consul's API documentation. Immutable, made on first use; any thread.
#pragma once

#include "api/filter/fields.h"
#include "api/filter/filter.h"
#include "registry/model/records.h"

namespace rollcall::api::filter {

// What is not kept for any service. Its fields have the values that they have in Consul for a
// service without a proxy, so that a filter that names them means the same.
struct Nothing {};

const Fields<Nothing>& ProxyFields();    // mesh_schema.cc
const Fields<Nothing>& ConnectFields();  // mesh_schema.cc
const Fields<model::ServiceAddress>& ServiceAddressFields();
const Fields<model::Weights>& WeightsFields();

template <typename Record>
const Fields<Record>& FieldsOf();

template <>
const Fields<NodeRecord>& FieldsOf();
template <>
const Fields<CatalogServiceRecord>& FieldsOf();
template <>
const Fields<HealthRecord>& FieldsOf();
template <>
const Fields<LoginRecord>& FieldsOf();
template <>
const Fields<model::Check>& FieldsOf();
template <>
const Fields<model::Instance>& FieldsOf();

}  // namespace rollcall::api::filter
