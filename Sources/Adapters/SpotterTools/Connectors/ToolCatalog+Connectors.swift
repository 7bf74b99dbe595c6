public import SpotterDomain

extension ToolCatalog {
    /// The names of the tools of connected CRMs, whichever CRM it is: a family of its own, there where one is connected.
    public static let connectorNames: Set<String> = [
        "crm_search_contacts", "crm_get_contact", "crm_upsert_contact", "crm_refresh_contact", "crm_list_opportunities",
        "crm_update_opportunity", "crm_list_messages", "crm_send_message",
    ]

    /// The tools of connected CRMs.
    public static func connectors(_ desk: ConnectorDesk) -> [any Tool] {
        [
            CRMSearchContacts(desk: desk), CRMGetContact(desk: desk), CRMUpsertContact(desk: desk),
            CRMRefreshContact(desk: desk), CRMListOpportunities(desk: desk), CRMUpdateOpportunity(desk: desk),
            CRMListMessages(desk: desk), CRMSendMessage(desk: desk),
        ]
    }
}
