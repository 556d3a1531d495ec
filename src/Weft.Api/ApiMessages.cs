using System;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Weft.Api
{
    /// <summary>
    /// Makes messages of the API. <see cref="MessageParser.ParseFrom(ByteString)"/> looks for missing required
    /// fields afterwards, through the reflection accessors of every message field; the API, in proto3, has none. Safe for use from several threads.
    /// </summary>
    public static class ApiMessages
    {
        /// <summary>An empty message.</summary>
        public static IMessage New(MessageDescriptor type) => CreateTemplate(type.Parser);

        /// <summary>Reads a message.</summary>
        /// <param name="type">Which.</param>
        /// <param name="bytes">In the binary format.</param>
        /// <param name="dropsUnknown">Whether fields that the type does not have are dropped; else they are kept with it.</param>
        /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
        public static IMessage Parse(MessageDescriptor type, ByteString bytes, bool dropsUnknown = false)
        {
            var message = New(type);
            MergeFrom(null, message, bytes, dropsUnknown, null);
            return message;
        }

        /// <summary>Reads a message; fields that the type does not have are kept with it.</summary>
        /// <exception cref="InvalidProtocolBufferException">The bytes are no such message.</exception>
        public static T Parse<T>(ReadOnlySpan<byte> bytes)
            where T : IMessage<T>, new()
        {
            var message = new T();
            message.MergeFrom(bytes);
            return message;
        }

        /// <summary>Reads a message, with the extensions that are named.</summary>
        internal static T Parse<T>(ByteString bytes, ExtensionRegistry extensions)
            where T : IMessage<T>, new()
        {
            var message = new T();
            MergeFrom(null, message, bytes, false, extensions);
            return message;
        }

        // Internal members of the library, so bound to the pinned version of the package.
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "CreateTemplate")]
        private static extern IMessage CreateTemplate(MessageParser parser);

        [UnsafeAccessor(UnsafeAccessorKind.StaticMethod, Name = "MergeFrom")]
        private static extern void MergeFrom(
            [UnsafeAccessorType("Google.Protobuf.MessageExtensions, Google.Protobuf")] object of, IMessage message, ByteString bytes, bool dropsUnknown, ExtensionRegistry extensions);
    }
}
