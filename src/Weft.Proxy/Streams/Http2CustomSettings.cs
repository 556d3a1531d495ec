using System.Globalization;
using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Http.Http2;

namespace Weft.Proxy.Streams;

/// <summary>custom_settings_parameters: those that have a meaning here are options like their fields, the others are only sent. Main thread.</summary>
internal static class Http2CustomSettings
{
    private const uint HeaderTableSize = 1;
    private const uint EnablePush = 2;
    private const uint MaxConcurrentStreams = 3;
    private const uint InitialWindowSize = 4;
    private const uint MaxFrameSize = 5;
    private const uint EnableConnectProtocol = 8;

    // RFC 9113 section 6.5.2.
    private const uint LeastMaxFrameSize = 1 << 14;
    private const uint GreatestMaxFrameSize = (1 << 24) - 1;

    public static Http2Options Apply(Http2Options options, Http2ProtocolOptions source, ConfigContext context)
    {
        var seen = new Dictionary<uint, uint>();
        var others = new List<(ushort, uint)>();
        foreach (var parameter in source.CustomSettingsParameters)
        {
            var (id, value) = (parameter.Identifier ?? 0, parameter.Value ?? 0);
            if (!seen.TryAdd(id, value))
            {
                if (seen[id] != value) Fail($"inconsistent HTTP/2 custom SETTINGS parameter(s) detected; identifiers = {{0x{id.ToString("x2", CultureInfo.InvariantCulture)}}}");
                continue;
            }

            switch (id)
            {
                case EnablePush:
                    if (value == 1) Fail("server push is not supported by Envoy and can not be enabled via a SETTINGS parameter.");
                    break;
                case EnableConnectProtocol:
                    Fail("the \"allow_connect\" SETTINGS parameter must only be configured through the named field");
                    break;
                case HeaderTableSize:
                    if (source.HpackTableSize is not null) FailNamed("hpack_table_size");
                    options = options with { HpackTableBytes = (int)Math.Min(value, Http2ConfigCompiler.MaxTableBytes) };
                    break;
                case MaxConcurrentStreams:
                    if (source.MaxConcurrentStreams is not null) FailNamed("max_concurrent_streams");
                    options = options with { MaxConcurrentStreams = (int)Math.Min(value, int.MaxValue) };
                    break;
                case InitialWindowSize:
                    if (source.InitialStreamWindowSize is not null) FailNamed("initial_stream_window_size");
                    options = options with { StreamWindowBytes = (int)Math.Min(value, int.MaxValue) };
                    break;
                case MaxFrameSize when value is < LeastMaxFrameSize or > GreatestMaxFrameSize:
                    Fail($"SETTINGS_MAX_FRAME_SIZE must be from {LeastMaxFrameSize} to {GreatestMaxFrameSize}");
                    break;
                case MaxFrameSize:
                    options = options with { MaxFrameBytes = (int)value };
                    others.Add(((ushort)id, value));
                    break;
                default:
                    others.Add(((ushort)id, value));
                    break;
            }
        }

        return options with { CustomSettings = others };

        void FailNamed(string field) => Fail($"the {{{field}}} HTTP/2 SETTINGS parameter(s) can not be configured through both named and custom parameters");

        void Fail(string text) => context.Error(source, "custom_settings_parameters", text);
    }
}
