using Envoy.Config.Bootstrap.V3;

namespace Weft.Config.Tests;

/// <summary>What tests share: reading a text as a bootstrap, and the findings as lines.</summary>
internal static class Reading
{
    internal const string HcmType = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

    /// <summary>Reads a bootstrap that must have no errors.</summary>
    internal static Bootstrap Good(string yaml, ReadOptions? options = null)
    {
        var context = new ConfigContext();
        var bootstrap = ConfigReader.ReadText<Bootstrap>(yaml, "t.yaml", options ?? new ReadOptions(), context);
        Assert.Empty(context.Findings.Errors);
        return bootstrap;
    }

    /// <summary>The findings of one severity, as they are printed.</summary>
    internal static string[] Lines(string yaml, Severity severity = Severity.Error, ReadOptions? options = null, string name = "t.yaml")
        => Lines<Bootstrap>(yaml, severity, options, name);

    internal static string[] Lines<T>(string text, Severity severity = Severity.Error, ReadOptions? options = null, string name = "t.yaml")
        where T : class, Google.Protobuf.IMessage<T>, new()
    {
        var context = new ConfigContext();
        ConfigReader.ReadText<T>(text, name, options ?? new ReadOptions(), context);
        return [.. context.Findings.All.Where(f => f.Severity == severity).Select(f => f.ToString())];
    }

    /// <summary>Reads any message that must have no errors. Messages the tables do not know are allowed.</summary>
    internal static T Good<T>(string text, string name = "t.yaml")
        where T : class, Google.Protobuf.IMessage<T>, new()
    {
        var context = new ConfigContext();
        var message = ConfigReader.ReadText<T>(text, name, new ReadOptions { AllowUnimplemented = true }, context);
        Assert.Empty(context.Findings.Errors);
        return message;
    }
}
