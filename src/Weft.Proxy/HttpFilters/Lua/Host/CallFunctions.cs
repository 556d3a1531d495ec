using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Calls of other servers, and answers of the script's own. They only note what is wanted: it is done when the script has stopped to wait for it.</summary>
internal static class CallFunctions
{
    /// <summary>Stream, cluster, headers (a list: names and values in turn), its length, body or nil, time limit in ms, whether nobody waits, whether repeated headers come as lists, whether x-forwarded-for is sent.</summary>
    public static int Call(LuaRun run, LuaStack stack)
    {
        if (run.FindCluster(stack.BytesAt(2)) is not { } cluster)
            return stack.Refuse("http call cluster invalid. Must be configured");
        var isBackground = stack.BoolAt(7);
        var call = isBackground ? run.State.BackgroundCalls.Take(run.Worker) : run.OwnCall();
        call.Headers.Clear();
        call.Body.Clear();
        var refusal = ReadHeaders(stack, call.Headers, index: 3, stack.IntegerAt(4));
        if (refusal is null && !(call.Headers.Has(KnownHeader.Path) && call.Headers.Has(KnownHeader.Method) && call.Headers.Has(KnownHeader.Authority)))
            refusal = "http call headers must include ':path', ':method', and ':authority'";
        if (refusal is not null)
        {
            if (isBackground)
                run.State.BackgroundCalls.Return(call);
            return stack.Refuse(refusal);
        }

        call.Body.Write(stack.BytesAt(5));
        call.SendsForwardedFor = stack.BoolAt(9);
        run.WaitForCall(call, cluster, timeoutMs: (long)Math.Min(stack.NumberAt(6), int.MaxValue), isBackground, repeatsAsLists: stack.BoolAt(8));
        return stack.Nothing();
    }

    /// <summary>Stream, headers (a list: names and values in turn), its length, body or nil.</summary>
    public static int Respond(LuaRun run, LuaStack stack)
    {
        if (!run.IsRequest)
            return stack.Refuse("respond not currently supported in the response path");
        if (!run.CanChangeHead)
            return stack.Refuse("respond() cannot be called if headers have been continued");
        var headers = run.ReplyHeaders;
        headers.Clear();
        var refusal = ReadHeaders(stack, headers, index: 2, stack.IntegerAt(3));
        if (refusal is null && (!Utf8Parser.TryParse(headers.Get(KnownHeader.Status), out int status, out _) || status is < 200 or >= 600))
            refusal = ":status must be between 200-599";
        if (refusal is not null)
        {
            headers.Clear();
            return stack.Refuse(refusal);
        }

        run.ReplyBody.Clear();
        run.ReplyBody.Write(stack.BytesAt(4));
        run.WaitFor(LuaWait.Reply);
        return stack.Nothing();
    }

    /// <summary>Null, or why a header is refused.</summary>
    private static string? ReadHeaders(LuaStack stack, HeaderMap into, int index, int count)
    {
        for (var i = 1; i < count; i += 2)
        {
            stack.PushItem(index, i);
            stack.PushItem(index, i + 1);
            var refusal = HeaderFunctions.Put(into, stack.BytesAt(-2), stack.BytesAt(-1), replaces: false);
            stack.Pop(2);
            if (refusal is not null)
                return refusal;
        }

        return null;
    }
}
