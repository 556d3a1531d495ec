using Google.Protobuf.Collections;
using Weft.Config;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.AccessLogs;

/// <summary>One configured access log: filter, format, sink. Immutable; <see cref="Log"/> may be called on any worker.</summary>
public abstract class AccessLogger
{
    /// <summary>Logs one finished request or connection, if the filter lets it pass. Never blocks and never throws: a line that cannot be kept is dropped and counted.</summary>
    public abstract void Log(in FormatContext context);

    /// <summary>Compiles a list of access logs (listener, connection manager, TcpProxy, admin); faults are reported in the context.</summary>
    public static AccessLogger[] Create(RepeatedField<Envoy.Config.Accesslog.V3.AccessLog> configs, ConfigContext context, AccessLogFiles files) => throw new NotImplementedException();
}
