import SpotterDomain
import Testing

@testable import SpotterTenants

struct ConfigurationSchemasTests {
    @Test(arguments: ["tenant", "agent", "workflow", "session"])
    func `every schema is a closed object with what it is and what it needs`(name: String) throws {
        let schema = try ConfigurationSchemas.schema(named: name)
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["title"]?.string?.isEmpty == false)
        #expect(schema["type"]?.string == "object")
        #expect(schema["additionalProperties"] == false)
        #expect(schema["required"]?.array?.contains("name") == true)
        #expect(ConfigurationSchemas.names.contains(name))
    }

    @Test func `the tenant's schema tells an editor what a key looks like`() throws {
        let schema = try ConfigurationSchemas.schema(named: "tenant")
        let provider = schema["properties"]?["providers"]?["additionalProperties"]
        #expect(provider?["properties"]?["api_key"]?["pattern"]?.string == SecretReference.pattern)
        #expect(schema["properties"]?["plan"]?["enum"] == ["starter", "pro", "enterprise"])
    }

    @Test func `the pricing's schema is closed and tells an editor what a price looks like`() throws {
        let schema = try ConfigurationSchemas.schema(named: "pricing")
        #expect(schema["required"] == ["prices"])
        #expect(schema["additionalProperties"] == false)
        let price = schema["properties"]?["prices"]?["items"]
        #expect(price?["additionalProperties"] == false)
        #expect(price?["properties"]?["input_per_million"]?["pattern"]?.string?.isEmpty == false)
    }

    @Test func `the workflow's schema tells an editor what a node may be told`() throws {
        let schema = try ConfigurationSchemas.schema(named: "workflow")
        let node = schema["properties"]?["nodes"]?["items"]?["properties"]
        #expect(node?["type"]?["enum"]?.array?.contains("human_approval") == true)
        let config = node?["config"]?["properties"]
        #expect(config?["retry_policy"]?["properties"]?["max_retries"]?["maximum"] == 20)
        #expect(config?["duration_ms"]?["description"]?.string?.isEmpty == false)
        #expect(schema["properties"]?["variables"]?["additionalProperties"]?["required"] == ["type"])
    }

    @Test func `an unknown name is answered with the known ones`() throws {
        let error = try #require(throws: SpotterError.self) { try ConfigurationSchemas.schema(named: "tennant") }
        #expect(error.code == .notFound)
        let known = "there are tenant, agent, message, workflow, session, pricing"
        #expect(error.message == "There is no schema of that name; \(known); did you mean \"tenant\"?")
    }
}
