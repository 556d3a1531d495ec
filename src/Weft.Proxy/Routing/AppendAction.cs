using Envoy.Config.Core.V3;
using Weft.Config;
using Action = Envoy.Config.Core.V3.HeaderValueOption.Types.HeaderAppendAction;

namespace Weft.Proxy.Routing;

/// <summary>What adding a header does where it is there already: append_action, or append, which stood for it before. Main thread.</summary>
internal static class AppendAction
{
    /// <summary>A fault (both are written) is reported in the context.</summary>
    public static Action Of(HeaderValueOption option, ConfigContext context)
    {
#pragma warning disable CS0612 // append is deprecated in the API, but still in files.
        if (option.Append is not { } append)
            return option.AppendAction;
        if (option.AppendAction != Action.AppendIfExistsOrAdd)
            context.Error(option, "append", "Both append and append_action are set and it's not allowed");
        return append ? Action.AppendIfExistsOrAdd : Action.OverwriteIfExistsOrAdd;
#pragma warning restore CS0612
    }
}
