namespace Weft.Proxy.HttpFilters.Lua;

/// <summary>What a script has stopped for.</summary>
internal enum LuaWait : byte
{
    /// <summary>Nothing: it runs, or is over.</summary>
    None,

    /// <summary>The next piece of the body.</summary>
    BodyChunk,

    /// <summary>The end of the message, with all of its body.</summary>
    Body,

    /// <summary>The trailers, or the end without any.</summary>
    Trailers,

    /// <summary>The answer of another server.</summary>
    Call,

    /// <summary>A call to be sent, without an answer.</summary>
    BackgroundCall,

    /// <summary>Its own answer to be sent; it never goes on.</summary>
    Reply,
}
