// The types of what is sent and what comes back: what a program may rely on, and what it must not write.
import { diff, filter } from "isc-service-desk";
import type {
  BeforeProvisioningRuleDto, ErrorMessageDto, JsonPatchReplace, ListQuery, OwnerDto, Page, ProvisioningConfig, QueuedCheckConfigDetails,
  ServiceDeskClient, ServiceDeskIntegrationDto, ServiceDeskIntegrationInput, ServiceDeskIntegrationTemplateDto, ServiceDeskIntegrationTemplateType,
  ServiceDeskIntegrationType, ServiceDeskSource, Sorter, SourceClusterDto,
} from "isc-service-desk";

/** Compiles where `value` has the type `T`, which is no `any`. */
type Known<T> = 0 extends 1 & T ? never : T;
declare function use<T>(value: Known<T>): void;

declare const dto: ServiceDeskIntegrationDto;
declare const template: ServiceDeskIntegrationTemplateDto;
declare const line: ServiceDeskIntegrationTemplateType;
declare const check: QueuedCheckConfigDetails;
declare const message: ErrorMessageDto;
declare const page: Page;

// Known literals and any other string are types.
const types: ServiceDeskIntegrationType[] = ["ServiceNow SDIM", "ServiceNow", "Generic SDIM", "Web Service SDIM", "Type of Tomorrow", line.type];
// @ts-expect-error: a type is text
const noType: ServiceDeskIntegrationType = 7;

// The least that create takes, and the most.
const least: ServiceDeskIntegrationInput = { name: "n", description: "d", type: "ServiceNow SDIM", attributes: {} };
const most: ServiceDeskIntegrationInput = {
  ...least,
  attributes: { url: "https://a.example", deep: { list: [1, null, "a"] } },
  ownerRef: { type: "IDENTITY", id: "a", name: null },
  clusterRef: { type: "CLUSTER", id: "a", name: "n" },
  cluster: null,
  managedSources: ["a"],
  provisioningConfig: {
    universalManager: false,
    managedResourceRefs: [{ type: "SOURCE", id: "a", name: "n" }],
    planInitializerScript: { source: "<Rule/>" },
    noProvisioningRequests: false,
    provisioningRequestExpiration: 7,
  },
  beforeProvisioningRule: { type: "RULE", id: "a" },
};
const nulls: ServiceDeskIntegrationInput = {
  ...least, ownerRef: null, clusterRef: null, cluster: null, managedSources: null, provisioningConfig: null, beforeProvisioningRule: null,
};

// @ts-expect-error: a description is required
const noDescription: ServiceDeskIntegrationInput = { name: "n", type: "t", attributes: {} };
// @ts-expect-error: attributes are required
const noAttributes: ServiceDeskIntegrationInput = { name: "n", description: "d", type: "t" };
// @ts-expect-error: a description that is sent is no null
const nullDescription: ServiceDeskIntegrationInput = { ...least, description: null };
// @ts-expect-error: the id is the server's
const withId: ServiceDeskIntegrationInput = { name: "n", description: "d", type: "t", attributes: {}, id: "a" };
// @ts-expect-error: an owner is an identity
const wrongOwner: OwnerDto = { type: "SOURCE" };
// @ts-expect-error: a cluster's reference is one of a cluster
const wrongCluster: SourceClusterDto = { type: "IDENTITY" };
// @ts-expect-error: a rule's reference is one of a rule
const wrongRule: BeforeProvisioningRuleDto = { type: "CLUSTER" };
// @ts-expect-error: a source's reference is one of a source
const wrongSource: ServiceDeskSource = { type: "RULE" };
// @ts-expect-error: hours are a number
const wrongConfig: ProvisioningConfig = { provisioningRequestExpiration: "7" };

// What comes back: id, name and type are there; the description is, too, though it may be null.
use<string>(dto.name);
use<string>(dto.type);
use<Record<string, unknown> | null | undefined>(dto.attributes);
use<string | null>(dto.description);
use<string>(dto.id);
use<string | null | undefined>(dto.created);
use<string | null | undefined>(dto.modified);
use<OwnerDto | null | undefined>(dto.ownerRef);
use<SourceClusterDto | null | undefined>(dto.clusterRef);
use<string | null | undefined>(dto.cluster);
use<string[] | null | undefined>(dto.managedSources);
use<ProvisioningConfig | null | undefined>(dto.provisioningConfig);
use<BeforeProvisioningRuleDto | null | undefined>(dto.beforeProvisioningRule);
use<ServiceDeskSource[] | undefined>(dto.provisioningConfig?.managedResourceRefs);
use<string | null | undefined>(dto.provisioningConfig?.planInitializerScript?.source);
use<boolean | null | undefined>(dto.credentialProviderEnabled);
// @ts-expect-error: an attribute is unknown until it is looked at
use<string>(dto.attributes?.["url"]);
// @ts-expect-error: the attributes may be null
dto.attributes["url"];
// @ts-expect-error: the owner may be null
dto.ownerRef.id;
// @ts-expect-error: there is no such field
dto.nope;

// What was read can be given to every call that takes an integration, as it came and changed; so can what is not made yet.
const copy = { ...dto, attributes: { ...dto.attributes, url: "https://a.example" } };
const nothing: ServiceDeskIntegrationDto = { ...dto, description: null, attributes: null, ownerRef: null, created: null, modified: null };
const { attributes, ...bare }: ServiceDeskIntegrationDto = dto;
export async function back({ integrations }: ServiceDeskClient): Promise<void> {
  for (const each of [dto, copy, nothing, bare, least]) {
    use<ServiceDeskIntegrationDto>(await integrations.create(each));
    use<ServiceDeskIntegrationDto>(await integrations.replace(dto.id, each));
    use<ServiceDeskIntegrationDto>(await integrations.update(dto.id, () => each));
    use<ServiceDeskIntegrationDto>(await integrations.update(dto.id, async (now) => ({ ...now, description: "d" })));
    use<ServiceDeskIntegrationDto>(await integrations.update(dto.id, ({ id, ...others }) => ({ ...others, description: id })));
    use<JsonPatchReplace[]>(diff(each, dto).patch.concat(diff(dto, each).patch));
    use<boolean>(filter.name.eq("n").matches(each));
  }
  // @ts-expect-error: what is not made yet needs its attributes
  await integrations.create({ name: "n", description: "d", type: "t" });
  // @ts-expect-error: what is not made yet needs a description
  await integrations.create({ name: "n", description: null, type: "t", attributes: {} });
}

use<string>(template.type);
use<Record<string, unknown>>(template.attributes);
use<ProvisioningConfig>(template.provisioningConfig);
use<string | null>(template.name);
use<string | undefined>(template.id);
const fromTemplate: ServiceDeskIntegrationInput = { ...least, type: template.type, attributes: template.attributes, provisioningConfig: template.provisioningConfig };

use<string>(line.scriptName);
use<string>(line.type);
use<string | undefined>(line.name);

use<string>(check.provisioningMaxStatusCheckDays);
use<string>(check.provisioningStatusCheckIntervalMinutes);
// @ts-expect-error: the status check is text
use<number>(check.provisioningMaxStatusCheckDays);

use<string | undefined>(message.text);
use<string | null | undefined>(message.locale);
use<string | null | undefined>(message.localeOrigin);

use<ServiceDeskIntegrationDto[]>(page.items);
use<number>(page.offset);
use<number>(page.limit);
use<number | undefined>(page.total);
use<ListQuery | undefined>(page.next);

const sorters: Sorter[] = ["name", "-name"];
const queries: ListQuery[] = [{}, { offset: 0, limit: 250, sorters, filters: 'name eq "a"', count: true }, { sorters: "-name" }, { limit: undefined, filters: undefined }];
// @ts-expect-error: the API sorts by name only
const bySize: ListQuery = { sorters: "type" };
// @ts-expect-error: a limit is a number
const textLimit: ListQuery = { limit: "5" };
// @ts-expect-error: there is no such option
const unknownOption: ListQuery = { pageSize: 5 };

const replace: JsonPatchReplace = { op: "replace", path: "/description", value: "d" };
// @ts-expect-error: the API replaces only
const add: JsonPatchReplace = { op: "add", path: "/description", value: "d" };
// @ts-expect-error: a value is needed
const noValue: JsonPatchReplace = { op: "replace", path: "/description" };

export {
  types, noType, most, nulls, noDescription, noAttributes, nullDescription, withId, wrongOwner, wrongCluster, wrongRule, wrongSource, wrongConfig, attributes,
  fromTemplate, queries, bySize, textLimit, unknownOption, replace, add, noValue,
};
