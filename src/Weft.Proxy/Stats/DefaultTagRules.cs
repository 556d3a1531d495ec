namespace Weft.Proxy.Stats;

/// <summary>
/// Envoy's default tags (well_known_names.cc), in its order: rules by expression first, then rules by words; the order decides in
/// which order labels are printed.
/// </summary>
internal static class DefaultTagRules
{
    private const string Word = @"[^\.]+";
    private const string Name = @"[A-Za-z0-9_-]+";
    private const string ListenerOrCluster = @"(?:listener|cluster)\..*?";

    public static readonly TagRule[] All =
    [
        new ResponseCodeTagRule("envoy.response_code", isClass: false),
        new ResponseCodeTagRule("envoy.response_code_class", isClass: true),
        new RegexTagRule("envoy.dynamo_partition_id", $@"^http\.{Word}\.dynamodb\.table\.{Word}\.capacity\.{Word}(\.__partition_id=([A-Za-z0-9_]{{7}}))$", ".dynamodb.table."),
        new RegexTagRule("envoy.dynamo_operation", $@"^http\.{Word}\.dynamodb.(?:operation|table\.{Word}\.capacity)(\.({Word}))(?:\.|$)", ".dynamodb."),
        new RegexTagRule("envoy.dynamo_table", $@"^http\.{Word}\.dynamodb.(?:table|error)\.(({Word})\.)", ".dynamodb."),
        new RegexTagRule("envoy.ssl_cipher", $@"^listener\..*?\.ssl\.ciphers(\.({Name}))$", ".ssl.ciphers."),
        new RegexTagRule("envoy.ssl_curve", $@"^{ListenerOrCluster}\.ssl\.curves(\.({Name}))$", ".ssl.curves."),
        new RegexTagRule("envoy.ssl_sigalg", $@"^{ListenerOrCluster}\.ssl\.sigalgs(\.({Name}))$", ".ssl.sigalgs."),
        new RegexTagRule("envoy.ssl_version", $@"^{ListenerOrCluster}\.ssl\.versions(\.(TLSv[0-9]\.[0-9]))$", ".ssl.versions."),
        new RegexTagRule("cipher_suite", $@"^cluster\.{Word}\.ssl\.ciphers(\.({Name}))$", ".ssl.ciphers."),
        new RegexTagRule("envoy.http_conn_manager_prefix", $@"^listener\..*?\.http\.(({Word})\.)", ".http."),
        new WorkerIdTagRule("envoy.worker_id"),
        new ListenerAddressTagRule("envoy.listener_address"),
        new RegexTagRule("envoy.rds_route_config", $@"^http\.{Word}\.rds\.(([A-Za-z0-9_./-]+)\.)[A-Za-z0-9_]+?$", ".rds."),
        new RegexTagRule("envoy.scoped_rds_config", $@"^http\.{Word}\.scoped_rds\.(([A-Za-z0-9_.-]+)\.)[A-Za-z0-9_]+?$", ".scoped_rds."),
        new RegexTagRule("envoy.rbac_policy_name", $@"^http\.{Word}\.rbac\.(?:{Word}\.)?policy\.(({Word})\.)(allowed|shadow_allowed|denied|shadow_denied)$", ".rbac."),
        new RegexTagRule("envoy.rbac_http_prefix", $@"^http\.{Word}\.rbac\.(({Word})\.).*?", ".rbac.", "policy"),
        new RegexTagRule("envoy.proxy_protocol_prefix", $@"^proxy_proto\.(({Word})\.).+$", "proxy_proto.", "versions"),
        new RegexTagRule("envoy.proxy_protocol_version", $@"^proxy_proto\.((?:{Word}\.)?versions\.v([0-9])\.)[A-Za-z0-9_]+$", "proxy_proto."),
        new RegexTagRule("envoy.tls_certificate", $@"^{ListenerOrCluster}\.ssl\.certificate\.(({Word})\.).*$", ".ssl.certificate"),
        new TokenTagRule("envoy.mongo_callsite", "mongo.*.collection.*.callsite.$.query.**"),
        new TokenTagRule("envoy.mongo_collection", "mongo.*.collection.$.**.query.*"),
        new TokenTagRule("envoy.mongo_cmd", "mongo.*.cmd.$.**"),
        new TokenTagRule("envoy.grpc_bridge_method", "cluster.*.grpc.*.$.**"),
        new TokenTagRule("envoy.http_user_agent", "http.*.user_agent.$.**"),
        new TokenTagRule("envoy.virtual_cluster", "vhost.*.vcluster.$.**"),
        new TokenTagRule("envoy.fault_downstream_cluster", "http.*.fault.$.**"),
        new TokenTagRule("envoy.grpc_bridge_service", "cluster.*.grpc.$.**"),
        new TokenTagRule("envoy.tcp_prefix", "tcp.$.**"),
        new TokenTagRule("envoy.udp_prefix", "udp.$.**"),
        new TokenTagRule("envoy.clientssl_prefix", "auth.clientssl.$.**"),
        new TokenTagRule("envoy.ratelimit_prefix", "ratelimit.$.**"),
        new TokenTagRule("envoy.cluster_name", "cluster.$.**"),
        new EndpointAddressTagRule("envoy.endpoint_address"),
        new TokenTagRule("envoy.ext_authz_prefix", "cluster.*.ext_authz.$.**"),
        new TokenTagRule("envoy.ext_authz_prefix", "http.*.ext_authz.$.**"),
        new TokenTagRule("envoy.http_conn_manager_prefix", "http.$.**"),
        new TokenTagRule("envoy.virtual_host", "vhost.$.**"),
        new TokenTagRule("envoy.mongo_prefix", "mongo.$.**"),
        new TokenTagRule("envoy.route", "vhost.*.route.$.**"),
        new TokenTagRule("envoy.thrift_prefix", "thrift.$.**"),
        new TokenTagRule("envoy.redis_prefix", "redis.$.**"),
        new TokenTagRule("envoy.local_http_ratelimit_prefix", "$.http_local_rate_limit.**"),
        new TokenTagRule("envoy.local_network_ratelimit_prefix", "local_rate_limit.$.**"),
        new TokenTagRule("envoy.local_listener_ratelimit_prefix", "listener_local_ratelimit.$.**"),
        new TokenTagRule("envoy.dns_filter_prefix", "dns_filter.$.**"),
        new TokenTagRule("envoy.connection_limit_prefix", "connection_limit.$.**"),
        new TokenTagRule("envoy.rbac_prefix", "$.rbac.**"),
        new TokenTagRule("envoy.google_grpc_client_prefix", "grpc.$.**"),
    ];
}
