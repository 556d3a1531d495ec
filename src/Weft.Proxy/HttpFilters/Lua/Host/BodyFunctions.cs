using Weft.Http;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>Body and trailers. Those that may have to be waited for say whether they are there, or are to be asked again after the next event.</summary>
internal static class BodyFunctions
{
    private const int Absent = 0;
    private const int Present = 1;
    private const int Later = 2;

    /// <summary>Stream, whether an empty body counts as one.</summary>
    public static int Body(LuaRun run, LuaStack stack)
    {
        if (run.HasStreamedBody)
            return stack.Refuse(run.HasEnded ? "cannot call body() after body has been streamed" : "cannot call body() after body streaming has started");
        if (!run.HasEnded)
        {
            run.WaitFor(LuaWait.Body);
            return stack.Give(Later);
        }

        return stack.Give(run.TakeBody(evenEmpty: stack.BoolAt(2)) ? Present : Absent);
    }

    public static int BeginChunks(LuaRun run, LuaStack stack)
        => run.HasStreamedBody || run.HasBody ? stack.Refuse("cannot call bodyChunks after body processing has begun") : stack.Nothing();

    public static int NextChunk(LuaRun run, LuaStack stack)
    {
        if (run.HasEnded && !run.HasUnseenBody)
            return stack.Give(Absent);
        run.WaitFor(LuaWait.BodyChunk);
        return stack.Give(Later);
    }

    public static int Trailers(LuaRun run, LuaStack stack)
    {
        if (run.Trailers is not null)
            return stack.Give(Present);
        if (run.HasEnded)
            return stack.Give(Absent);
        run.WaitFor(LuaWait.Trailers);
        return stack.Give(Later);
    }

    /// <summary>Stream, number of the buffer.</summary>
    public static int Length(LuaRun run, LuaStack stack)
        => run.BufferOf(stack.IntegerAt(2)) is { } buffer ? stack.Give(buffer.Length) : OutOfScope(stack);

    /// <summary>Stream, number of the buffer, index, length.</summary>
    public static int GetBytes(LuaRun run, LuaStack stack)
    {
        if (run.BufferOf(stack.IntegerAt(2)) is not { } buffer)
            return OutOfScope(stack);
        var (index, length) = (stack.NumberAt(3), stack.NumberAt(4));
        if (!(index >= 0 && length >= 0 && index + length <= buffer.Length))
            return stack.Refuse("index/length must be >= 0 and (index + length) must be <= buffer size");
        return stack.Give(buffer.Written.Slice((int)index, (int)length));
    }

    /// <summary>Stream, number of the buffer, bytes.</summary>
    public static int SetBytes(LuaRun run, LuaStack stack)
    {
        if (run.BufferOf(stack.IntegerAt(2)) is not { } buffer)
            return OutOfScope(stack);
        var bytes = stack.BytesAt(3);
        buffer.Clear();
        buffer.Write(bytes);
        // A head that has gone on cannot be taken back, and the router may still need it as it was.
        if (run.CanChangeHead)
            run.Head.Set(KnownHeader.ContentLength, bytes.Length);
        return stack.Give(bytes.Length);
    }

    private static int OutOfScope(LuaStack stack) => stack.Refuse("object used outside of proper scope");
}
