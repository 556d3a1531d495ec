using Google.Protobuf;
using Weft.Config;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.Collections;

/// <summary>
/// The <c>file:///PATH</c> URL of a list of listeners (lds_resources_locator): the file has an <c>envoy.service.discovery.v3.Resource</c> with a
/// <c>ListenerCollection</c>, whose entries are the listeners. Of other resources the API has no list that a file could hold.
/// </summary>
internal static class FileLocator
{
    private const string Scheme = "file:";
    private const string Start = "file:///";

    /// <summary>Whether a locator claims to be of this form.</summary>
    public static bool HasScheme(string locator) => locator.StartsWith(Scheme, StringComparison.Ordinal);

    /// <summary>The path of the file; null, with the fault reported, when there can be none.</summary>
    /// <param name="locator">The URL.</param>
    /// <param name="type">What is wanted.</param>
    /// <param name="at">The message that holds the URL.</param>
    /// <param name="field">Its name there.</param>
    /// <param name="context">Takes the fault.</param>
    public static string? Read(string locator, ResourceType type, IMessage at, string field, ConfigContext context)
    {
        var fragment = locator.IndexOf('#', StringComparison.Ordinal);
        if (type != ResourceType.Listeners)
            context.Error(at, field, $"Invalid structure for collection type: the API has no list of {type.FullName} that a file could hold; use path_config_source");
        else if (!locator.StartsWith(Start, StringComparison.Ordinal))
            context.Error(at, field, $"{locator} is no file: URL with an absolute path (file:///PATH)");
        else if (fragment >= 0)
            context.Error(at, field, XdsTpName.DirectiveFault(locator[(fragment + 1)..], locator));
        else
            return Uri.UnescapeDataString(locator[(Start.Length - 1)..]);
        return null;
    }
}
