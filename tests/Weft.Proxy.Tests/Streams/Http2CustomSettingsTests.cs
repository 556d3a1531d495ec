using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.HttpFilters;

namespace Weft.Proxy.Tests.Streams;

/// <summary>custom_settings_parameters.</summary>
public sealed class Http2CustomSettingsTests
{
    [Fact]
    public void Settings_with_a_meaning_are_options_and_others_are_sent()
    {
        var options = Compile("{ identifier: 3, value: 7 }, { identifier: 4, value: 100000 }, { identifier: 6, value: 9 }, { identifier: 0xf000, value: 1 }, { identifier: 2, value: 0 }", "", out var errors).Options;
        Assert.Empty(errors);
        Assert.Equal((7, 100_000), (options.MaxConcurrentStreams, options.StreamWindowBytes));
        Assert.Equal([((ushort)6, 9u), ((ushort)0xf000, 1u)], options.CustomSettings);
    }

    [Theory]
    [InlineData("{ identifier: 2, value: 1 }", "", "server push is not supported by Envoy and can not be enabled via a SETTINGS parameter.")]
    [InlineData("{ identifier: 8, value: 1 }", "", "the \"allow_connect\" SETTINGS parameter must only be configured through the named field")]
    [InlineData("{ identifier: 20, value: 1 }, { identifier: 20, value: 2 }", "", "inconsistent HTTP/2 custom SETTINGS parameter(s) detected; identifiers = {0x14}")]
    [InlineData("{ identifier: 3, value: 1 }", "max_concurrent_streams: 5", "the {max_concurrent_streams} HTTP/2 SETTINGS parameter(s) can not be configured through both named and custom parameters")]
    public void Settings_that_cannot_be_are_errors(string settings, string more, string error)
    {
        Compile(settings, more, out var errors);
        Assert.Equal(error, Assert.Single(errors));
    }

    private static Http2Config Compile(string settings, string more, out string[] errors)
    {
        var context = new ConfigContext();
        var source = Filters.Read<Http2ProtocolOptions>($"custom_settings_parameters: [ {settings} ]{(more.Length > 0 ? ", " + more : "")}");
        var config = Http2ConfigCompiler.Compile(source, null, null, null, context);
        errors = [.. context.Findings.Errors.Select(static error => error.Text)];
        return config;
    }
}
