import SpotterDomain
import SpotterTesting
import SpotterTools
import Testing

struct ToolCatalogTests {
    private let tools: ToolSet = {
        let stores = StoreSet.memory()
        return ToolCatalog.tools(clients: stores.clients, schedule: stores.schedule)
    }()

    @Test func `the catalogue lists what there is`() {
        let known = ["search_clients", "view_class_schedule", "check_class_availability"]
        #expect(Set(tools.names).isSuperset(of: known + ProgramTool.allCases.map(\.rawValue)))
    }

    @Test func `the names are those of all tools there may be`() async throws {
        let tools = try await DeskFixture.everything()
        #expect(
            Set(tools.names).union(["http_request", "navigate_browser", "extract_data", "interact_element"])
                == ToolCatalog.names)
        #expect(tools.tools.count { $0.category != .core } == 49)
    }

    @Test func `every tool and every argument is described for a model`() {
        for tool in tools.tools {
            #expect(tool.name.allSatisfy { $0.isASCII && $0.isLowercase || $0 == "_" })
            #expect(tool.summary.count > 60 && tool.summary.count < 600 && tool.summary.hasSuffix("."))
            for property in tool.parameters.properties {
                #expect((property.schema.description ?? "").count > 15, "\(tool.name).\(property.name)")
            }
        }
    }

    @Test func `the arguments' schema says names, bounds and what is required`() throws {
        let schema = try #require(tools["search_clients"]).parameters.json
        #expect(schema["required"] == ["query"])
        #expect(schema["additionalProperties"] == false)
        #expect(schema["properties"]?["status"]?["enum"] == ["trial", "active", "paused", "cancelled"])
        #expect(schema["properties"]?["limit"]?["maximum"] == 50)
        #expect(try #require(tools["check_class_availability"]).parameters.json["required"] == nil)
    }

    @Test func `each provider is told of a tool in its own form`() throws {
        let tool = try #require(tools["view_class_schedule"]).modelDescription
        let openai = tool.json(for: .openai)
        #expect(openai["type"] == "function")
        #expect(openai["function"]?.object?.keys == ["name", "description", "parameters"])
        #expect(openai["function"]?["name"] == "view_class_schedule")
        #expect(openai["function"]?["parameters"] == tool.parameters.json)
        let anthropic = tool.json(for: .anthropic)
        #expect(anthropic.object?.keys == ["name", "description", "input_schema"])
        #expect(anthropic["input_schema"]?["type"] == "object")
        #expect(tool.json(for: .openai).description == openai.description)
    }
}
