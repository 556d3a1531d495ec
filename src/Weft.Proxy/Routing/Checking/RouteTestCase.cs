using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.Streams;
using HeaderMatcherMessage = Envoy.Config.Route.V3.HeaderMatcher;

namespace Weft.Proxy.Routing.Checking;

/// <summary>One case of a file for Envoy's router check tool: a request, and what its route must be.</summary>
internal sealed class RouteTestCase
{
    private readonly Struct _input;
    private readonly Struct _expected;

    private RouteTestCase(string name, Struct input, Struct expected) => (Name, _input, _expected) = (name, input, expected);

    public string Name { get; }

    public string Authority => Text(_input, "authority") ?? "";

    public string Path => Text(_input, "path") ?? "/";

    public string Method => Text(_input, "method") ?? "GET";

    public bool IsTls => Flag(_input, "ssl");

    public bool IsInternal => Flag(_input, "internal");

    public ulong RandomValue => _input.Fields.TryGetValue("random_value", out var value) ? ToNumber(value) : 0;

    /// <summary>runtime: a key whose fraction is drawn for this case only when it is this one; null: no fraction is.</summary>
    public string? Runtime => Text(_input, "runtime");

    public IEnumerable<(string Name, string Value)> RequestHeaders => Headers("additional_request_headers");

    public IEnumerable<(string Name, string Value)> ResponseHeaders => Headers("additional_response_headers");

    public IEnumerable<HeaderMatcherMessage> RequestMatches => Matchers("request_header_matches").Concat(Fields("request_header_fields"));

    public IEnumerable<HeaderMatcherMessage> ResponseMatches => Matchers("response_header_matches").Concat(Fields("response_header_fields"));

    /// <summary>dynamic_metadata, which is merged into a namespace only when it says so.</summary>
    public void SetMetadata(DynamicMetadata metadata)
    {
        foreach (var entry in Items(_input, "dynamic_metadata"))
        {
            var space = Text(entry, "metadata_namespace") ?? "";
            if (metadata.HasNamespace(space) && !Flag(entry, "allow_overwrite")) continue;
            foreach (var (key, value) in Part(entry, "value").Fields) metadata.Set(space, key, value);
        }
    }

    /// <summary>A text that must hold; null: not asked for.</summary>
    public string? Expected(string field) => Text(_expected, field);

    /// <summary>What is given or asked for and not known here.</summary>
    public IEnumerable<string> Unknown(IReadOnlySet<string> inputs, IReadOnlySet<string> expected)
        => _input.Fields.Keys.Where(field => !inputs.Contains(field)).Concat(_expected.Fields.Keys.Where(field => !expected.Contains(field)));

    /// <summary>Reads a file; faults are reported in the context.</summary>
    public static IReadOnlyList<RouteTestCase> Read(string path, ConfigContext context)
    {
        // The API has no message for such files: they are read as metadata, which may hold anything.
        var text = File.ReadAllText(path);
        var lines = text.Split('\n').Where(static line => line.TrimEnd() != "---").Select(static line => "    " + line);
        var read = ConfigReader.ReadText<Envoy.Config.Core.V3.Metadata>($"filter_metadata:\n  file:\n{string.Join('\n', lines)}", path, new ReadOptions(), context);
        if (context.Findings.HasErrors) return [];
        if (!read.FilterMetadata.TryGetValue("file", out var file) || !file.Fields.TryGetValue("tests", out var tests) || tests.ListValue is not { } list)
        {
            context.Error(read, null, $"{path}: there is no list of tests");
            return [];
        }

        return [.. list.Values.Select(static value => value.StructValue ?? new Struct()).Select(static test => new RouteTestCase(
            Text(test, "test_name") ?? "",
            Part(test, "input"),
            Part(test, "validate")))];
    }

    private static Struct Part(Struct test, string name) => test.Fields.GetValueOrDefault(name)?.StructValue ?? new Struct();

    private static string? Text(Struct message, string field)
    {
        if (!message.Fields.TryGetValue(field, out var value)) return null;
        return value.KindCase switch
        {
            Value.KindOneofCase.StringValue => value.StringValue,
            Value.KindOneofCase.NumberValue => value.NumberValue.ToString(CultureInfo.InvariantCulture),
            Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
            Value.KindOneofCase.StructValue => Text(value.StructValue, "value"),
            _ => null,
        };
    }

    private static ulong ToNumber(Value value)
        => value.KindCase == Value.KindOneofCase.NumberValue ? (ulong)Math.Max(value.NumberValue, 0)
            : ulong.TryParse(value.StringValue, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool Flag(Struct message, string field) => Text(message, field) == "true";

    private IEnumerable<(string Name, string Value)> Headers(string field)
        => Items(_input, field).Select(static header => (Text(header, "key") ?? "", Text(header, "value") ?? ""));

    private IEnumerable<HeaderMatcherMessage> Matchers(string field)
        => Items(_expected, field).Select(static matcher => ConfigReader.ReadText<HeaderMatcherMessage>(matcher.ToString(), "matcher.json", new ReadOptions(), new ConfigContext()));

    /// <summary>The older form: a header must have that value.</summary>
    private IEnumerable<HeaderMatcherMessage> Fields(string field)
        => Items(_expected, field).Select(static header => new HeaderMatcherMessage { Name = Text(header, "key") ?? "", StringMatch = new() { Exact = Text(header, "value") ?? "" }, TreatMissingHeaderAsEmpty = true });

    private static IEnumerable<Struct> Items(Struct message, string field)
        => message.Fields.GetValueOrDefault(field)?.ListValue?.Values.Select(static value => value.StructValue ?? new Struct()) ?? [];
}
