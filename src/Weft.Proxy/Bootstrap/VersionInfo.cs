using System.Globalization;
using System.Reflection;
using Envoy.Config.Core.V3;
using Envoy.Type.V3;

namespace Weft.Proxy.Bootstrap;

/// <summary>What this build is, in the five fields of Envoy's version text.</summary>
public static class VersionInfo
{
    /// <summary>The commit that was built; "unknown" outside a repository.</summary>
    public static string Revision { get; } = Informational(1) is { Length: > 0 } revision ? revision : "unknown";

    /// <summary>The first six hexadecimal digits of the commit as a number (server.version); 0 when it is unknown.</summary>
    public static long RevisionNumber { get; } =
        Revision.Length >= 6 && long.TryParse(Revision.AsSpan(0, 6), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>For example <c>0.1.0</c>.</summary>
    public static string Number { get; } = Informational(0);

    /// <summary><c>Clean</c> or <c>Modified</c>: the tree that was built against its commit.</summary>
    public static string Status { get; } = Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => attribute.Key == "SourceStatus")?.Value ?? "Unknown";

    public static string BuildType =>
#if DEBUG
        "DEBUG";
#else
        "RELEASE";
#endif

    /// <summary>The TLS library.</summary>
    public const string Ssl = "OpenSSL";

    /// <summary><c>revision/number/status/build type/TLS library</c>.</summary>
    public static string Text { get; } = $"{Revision}/{Number}/{Status}/{BuildType}/{Ssl}";

    /// <summary>The number as the API's message (Node.user_agent_build_version).</summary>
    public static BuildVersion Build()
    {
        var version = System.Version.Parse(Number.Split('-')[0]);
        return new BuildVersion
        {
            Version = new SemanticVersion { MajorNumber = (uint)version.Major, MinorNumber = (uint)version.Minor, Patch = (uint)Math.Max(0, version.Build) },
        };
    }

    // "0.1.0+commit"
    private static string Informational(int part)
    {
        var text = typeof(VersionInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";
        var parts = text.Split('+', 2);
        return part < parts.Length ? parts[part] : "";
    }
}
