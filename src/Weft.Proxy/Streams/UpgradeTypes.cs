using Google.Protobuf;
using Weft.Config;

namespace Weft.Proxy.Streams;

/// <summary>upgrade_type of upgrade_configs: any protocol that is a stream of bytes, and CONNECT.</summary>
internal static class UpgradeTypes
{
    /// <summary>Reports those that are more than a stream of bytes.</summary>
    public static void Check(string type, IMessage upgrade, ConfigContext context)
    {
        if (string.Equals(type, "connect-udp", StringComparison.OrdinalIgnoreCase))
            context.Error(upgrade, "upgrade_type", "CONNECT-UDP is not implemented yet");
    }
}
