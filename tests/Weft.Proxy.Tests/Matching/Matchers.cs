using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.Tests.Matching;

/// <summary>Matchers from YAML whose actions are texts.</summary>
internal static class Matchers
{
    /// <summary>An action for <c>action:</c> or <c>on_match:</c>, as flow YAML.</summary>
    public static string Action(string text)
        => $"{{ action: {{ name: a, typed_config: {{ \"@type\": type.googleapis.com/google.protobuf.StringValue, value: '{text}' }} }} }}";

    public static string Input(string type, string fields = "")
        => $"{{ name: i, typed_config: {{ \"@type\": type.googleapis.com/{type}{(fields.Length > 0 ? ", " + fields : "")} }} }}";

    public static string Header(string name) => Input("envoy.type.matcher.v3.HttpRequestHeaderMatchInput", $"header_name: {name}");

    /// <summary>A matcher without any finding.</summary>
    public static Matcher<string> Of(string yaml, MatchScope scope = MatchScope.Http)
    {
        var matcher = Compile(yaml, scope, out var findings);
        Assert.Empty(findings);
        return matcher;
    }

    public static string[] Faults(string yaml, MatchScope scope = MatchScope.Http)
    {
        Compile(yaml, scope, out var findings);
        return findings;
    }

    /// <summary>The action for a request with these headers; null: none; <c>?</c>: undecided.</summary>
    public static string? For(this Matcher<string> matcher, params (string Name, string Value)[] headers)
        => matcher.Result(new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { RequestHeaders = Routes.Request("/", headers: headers) });

    public static string? ForClient(this Matcher<string> matcher, string address)
    {
        Assert.True(NetAddress.TryParseIP(address, 1234, out var client));
        var info = new StreamInfo { DownstreamRemoteAddress = client };
        return matcher.Result(new MatchData(info, RuntimeSnapshot.Empty) { RequestHeaders = new HeaderMap() });
    }

    public static string? Result(this Matcher<string> matcher, in MatchData data) => matcher.Find(data, out var action) switch
    {
        MatchOutcome.Yes => action,
        MatchOutcome.No => null,
        _ => "?",
    };

    private static Matcher<string> Compile(string yaml, MatchScope scope, out string[] findings)
    {
        var config = new ConfigContext();
        var message = ConfigReader.ReadText<MatcherMessage>(yaml, "m.yaml", new ReadOptions(), config);
        var matcher = new MatcherCompiler<string>(Routes.Context(config), scope, static action => (action as StringValue)?.Value).Compile(message);
        // The actions are for tests only: the tables of what is implemented do not know them.
        findings = [.. config.Findings.All.Where(static finding => finding.Severity != Severity.Note).Select(static finding => finding.Text).Where(static text => !text.Contains("google.protobuf.StringValue is not", StringComparison.Ordinal))];
        return matcher;
    }
}
