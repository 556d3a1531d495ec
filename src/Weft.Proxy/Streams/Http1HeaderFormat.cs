using Envoy.Config.Core.V3;
using Envoy.Extensions.Http.HeaderFormatters.PreserveCase.V3;
using Weft.Config;
using FormatterType = Envoy.Extensions.Http.HeaderFormatters.PreserveCase.V3.PreserveCaseFormatterConfig.Types.FormatterTypeOnEnvoyHeaders;

namespace Weft.Proxy.Streams;

/// <summary>How header names are read and written on HTTP/1 connections (Http1ProtocolOptions.header_key_format).</summary>
/// <param name="PreservesCase">What this side receives is passed on with the capitals that it came with.</param>
/// <param name="IsProperForOthers">... and what is added to it on the way in Proper-Case.</param>
/// <param name="IsProperCase">What is written to this side is in Proper-Case, unless the sender's capitals are known.</param>
internal readonly record struct Http1HeaderFormat(bool PreservesCase, bool IsProperForOthers, bool IsProperCase)
{
    /// <summary>Faults are reported.</summary>
    public static Http1HeaderFormat Of(Http1ProtocolOptions? config, ConfigContext context)
    {
        var format = config?.HeaderKeyFormat;
        if (format?.ProperCaseWords is not null)
            return new Http1HeaderFormat(false, false, IsProperCase: true);
        if (format?.StatefulFormatter is not { } formatter || context.Unpack<PreserveCaseFormatterConfig>(formatter.TypedConfig) is not { } preserve)
            return default;
        return new Http1HeaderFormat(PreservesCase: true, IsProperForOthers: preserve.FormatterTypeOnEnvoyHeaders == FormatterType.ProperCase, false);
    }
}
